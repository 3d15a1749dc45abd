using System.CommandLine.Parsing;

namespace Tsunagi.Host.Cli;

/// <summary>Completion for shells: each asks the program itself for what may come next, by a hidden verb.</summary>
internal static class Completion
{
    /// <summary>The hidden verb: the words of the line so far, the last one being typed.</summary>
    public const string Verb = "__complete";

    public static void Print(CommandTree tree, IReadOnlyList<string> arguments, TextWriter output)
    {
        var words = arguments.Skip(1).ToList();
        var typed = words.Count == 0 ? "" : words[^1];
        var line = string.Join(' ', words);
        var parsed = CommandLineParser.Parse(tree.Root, line);
        foreach (var label in parsed.GetCompletions(line.Length).Select(static item => item.Label).Where(label => label.StartsWith(typed, StringComparison.Ordinal)).Distinct())
        {
            output.WriteLine(label);
        }
    }

    public static string Script(string shell) => shell switch
    {
        "bash" => """
            _tsunagi() {
              local IFS=$'\n'
              COMPREPLY=($("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
            }
            complete -o default -F _tsunagi tsunagi ./tsunagi
            """,
        "zsh" => """
            #compdef tsunagi
            _tsunagi() {
              local -a found
              found=("${(@f)$(${words[1]} __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
              compadd -a found
            }
            compdef _tsunagi tsunagi
            """,
        _ => """
            function __tsunagi_complete
              set -l words (commandline -opc) (commandline -ct)
              $words[1] __complete $words[2..-1] 2>/dev/null
            end
            complete -c tsunagi -f -a '(__tsunagi_complete)'
            """,
    };
}
