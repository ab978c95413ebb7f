"""What Fileferry's functions share: models, routing, repositories, object streams, notifications, settings."""
