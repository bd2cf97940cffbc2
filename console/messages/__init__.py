"""Messages about tasks to people who have the page closed: Web Push to phones, and the keeper's hook."""
