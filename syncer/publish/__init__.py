"""Where reports go: files, mail, a comment or an issue of a tracker."""
