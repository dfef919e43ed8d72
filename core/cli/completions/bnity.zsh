#compdef bnity boternity
# Completion of bnity for zsh. In ~/.zshrc, after compinit:  eval "$(bnity completion zsh)"
_bnity() {
  local line value
  local -a lines values
  lines=("${(@f)$(bnity __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  case "${lines[1]}" in
    :files) _files; return ;;
    :folders) _files -/; return ;;
  esac
  for line in "${lines[@]}"; do
    [[ -n "$line" ]] || continue
    value="${line%%$'\t'*}"
    if [[ "$line" == *$'\t'* ]]; then
      values+=("${value//:/\\:}:${line#*$'\t'}")
    else
      values+=("${value//:/\\:}")
    fi
  done
  _describe 'bnity' values
}
if [ "${funcstack[1]}" = "_bnity" ]; then
  _bnity "$@"
else
  compdef _bnity bnity boternity
fi
