"""Routes of the service: each checks a request and hands it on."""
