#!/bin/sh
# Compiles as the real compiler would, and records what it was asked and what it said in a file of its own:
# the directory, the exit code and the arguments, each ended by a NUL; then the compiler's words.
for argument; do
  shift
  case $argument in
    @DROPPED@) ;; # "for the machine that compiles", which is another one
    *) set -- "$@" "$argument" ;;
  esac
done
[ -n "$DUANBAN_LOG" ] || exec @REAL@ "$@" @ADDED@
# Not for what only asks who the compiler is.
case " $* " in *" -c "* | *" -o "*) ;; *) exec @REAL@ "$@" @ADDED@ ;; esac
record=$(mktemp "$DUANBAN_LOG/XXXXXXXXXX") || exec @REAL@ "$@" @ADDED@
LC_ALL=C @REAL@ "$@" @ADDED@ 2>"$record.said"
code=$?
cat "$record.said" >&2
{ printf '%s\0' "$PWD" "$code" "$@" ''; cat "$record.said"; } >"$record"
rm -f "$record.said"
exit $code
