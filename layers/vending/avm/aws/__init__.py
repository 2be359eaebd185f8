"""One gateway class per AWS service; ClientError becomes a domain error in one table."""
