"""Accounts 账号: who may sign in, as what and for which division; kept by administrators within their own."""
