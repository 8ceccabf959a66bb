"""The pages. One module per feature; ``docs/pages.md`` says what each page offers."""
