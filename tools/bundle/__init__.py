"""`make bundle STACK=prod`: in one folder, what a site without internet needs for a stack."""
