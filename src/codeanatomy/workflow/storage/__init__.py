"""Where an agent keeps documents and files: a store of collections, a storage of blobs."""
