"""One walk, a linear prefilter over every byte, a precise reader for the files that hit."""
