"""The runtime over HTTP: routes, their OpenAPI document, and the page a browser shows."""
