"""Operations on evidence that every relation needs: line and column to bytes, identity."""
