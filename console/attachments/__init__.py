"""Attachments 附件: photos, recordings and papers of incidents, and the store of their bytes."""
