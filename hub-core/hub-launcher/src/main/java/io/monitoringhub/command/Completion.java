package io.monitoringhub.command;

import io.monitoringhub.command.Command.Argument;
import io.monitoringhub.command.Command.Option;
import java.util.List;
import java.util.stream.Collectors;

/** The table as a script for bash, which asks no hub: names of lanes are those of their cursors. Has no state. */
public final class Completion {

    private static final String HEAD = """
            # Completion of 'hub' for bash: source <(hub completion bash)
            _hub() {
              local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]:-} home data words= place=-2 i
              home=$(dirname "$(dirname "$(readlink -f "$(type -P "${COMP_WORDS[0]}")")")")
              data=${HUB_DATA:-$home/data}
              for ((i = 1; i <= COMP_CWORD; i++)); do
                [[ ${COMP_WORDS[i]} == -* && $i -lt $COMP_CWORD ]] || place=$((place + 1))
              done
              lanes() {
                local file
                for file in "$data"/log/cursors/*.cursor; do
                  file=${file##*/}
                  [[ $file == '*.cursor' ]] || printf '%s ' "${file%.cursor}"
                done
              }
              plugins() {
                local file
                for file in "${HUB_PLUGINS:-$home/plugins}"/*.jar; do
                  [[ -e $file ]] && printf '%s ' "${file##*/}"
                done
              }
              if [[ $COMP_CWORD -eq 1 ]]; then
                words='@COMMANDS@'
              elif [[ $word == -* ]]; then
                case $command in
            @OPTIONS@
                esac
              else
                case $command/$place in
            @ARGUMENTS@
                esac
              fi
              if [[ $words == @files ]]; then
                mapfile -t COMPREPLY < <(compgen -f -- "$word")
              else
                mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
              fi
            }
            complete -o bashdefault -F _hub hub
            """;

    private Completion() {
    }

    /** The script. */
    public static String bash(CommandTable table) {
        List<Command> commands = table.inBin();
        String names = commands.stream().map(Command::name).sorted().distinct().collect(Collectors.joining(" "));
        String options = commands.stream().map(command -> "      " + command.name() + ") words='"
                + command.allOptions().stream().map(Option::name).collect(Collectors.joining(" ")) + "' ;;").collect(Collectors.joining("\n"));
        StringBuilder arguments = new StringBuilder();
        for (Command command : commands) {
            for (int i = 0; i < command.arguments().size(); i++) {
                String words = words(command.arguments().get(i), names);
                if (!words.isEmpty()) {
                    arguments.append("      ").append(command.name()).append('/').append(i).append(") words=").append(words).append(" ;;\n");
                }
            }
        }
        return HEAD.replace("@COMMANDS@", names).replace("@OPTIONS@", options).replace("@ARGUMENTS@", arguments.toString().stripTrailing());
    }

    private static String words(Argument argument, String commands) {
        if (!argument.choices().isEmpty()) {
            return "'" + String.join(" ", argument.choices()) + "'";
        }
        return switch (argument.name()) {
            case "LANE" -> "$(lanes)";
            case "PLUGIN" -> "$(plugins)";
            case "COMMAND" -> "'" + commands + "'";
            case "FILE", "JAR", "OLD", "FOLDER" -> "@files";
            default -> "";
        };
    }
}
