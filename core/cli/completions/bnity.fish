# Completion of bnity for fish:  bnity completion fish > ~/.config/fish/completions/bnity.fish
function __bnity_complete
    set -l words (commandline -opc)
    set -l part (commandline -ct)
    set -l lines (bnity __complete $words[2..-1] "$part" 2>/dev/null)
    switch "$lines[1]"
        case ':files'
            __fish_complete_path "$part"
        case ':folders'
            __fish_complete_directories "$part"
        case '*'
            printf '%s\n' $lines
    end
end
complete -c bnity -f -a '(__bnity_complete)'
complete -c boternity -f -a '(__bnity_complete)'
