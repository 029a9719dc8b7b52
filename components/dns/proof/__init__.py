"""The proof after a deploy: does the name resolve in the pod that dials Git, or which layer fails?"""
