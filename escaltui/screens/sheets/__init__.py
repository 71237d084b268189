"""Sheets: what a verb asks for before it is done."""
