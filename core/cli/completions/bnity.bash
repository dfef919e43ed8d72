# Completion of bnity for bash. In ~/.bashrc:  eval "$(bnity completion bash)"
_bnity() {
  local value rest
  COMPREPLY=()
  while IFS=$'\t' read -r value rest; do
    case $value in
      :files) compopt -o default 2>/dev/null; COMPREPLY=(); return ;;
      :folders) compopt -o dirnames 2>/dev/null; COMPREPLY=(); return ;;
      '') ;;
      *) COMPREPLY+=("$(printf '%q' "$value")") ;;
    esac
  done < <(bnity __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _bnity bnity boternity
