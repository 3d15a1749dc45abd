using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.Globalization;
using Tsunagi.Core.Verbs;

namespace Tsunagi.Host.Cli;

/// <summary>The verbs as System.CommandLine's commands, one level for each word of their paths; what it parsed as a verb's parameters again.</summary>
internal sealed class CommandTree
{
    private readonly Dictionary<Command, Bound> _bound = [];

    public CommandTree(IReadOnlyList<Verb> verbs)
    {
        Root = new Command("tsunagi", "The platform of a network solution provider in one program.");
        foreach (var option in (Option[])[Json, Url, Token, Data, new HelpOption { Recursive = true }])
        {
            Root.Options.Add(option);
        }

        ((HelpAction)Root.Options.OfType<HelpOption>().Single().Action!).MaxWidth = 110;
        foreach (var verb in verbs)
        {
            Add(verb);
        }
    }

    public Command Root { get; }

    public Option<bool> Json { get; } = new("--json") { Description = "print one JSON document and nothing else", Recursive = true };

    public Option<string?> Url { get; } = new("--url") { Description = "where the program is (also TSUNAGI_URL)", Recursive = true, HelpName = "URL" };

    public Option<string?> Token { get; } = new("--token") { Description = "an API token (also TSUNAGI_TOKEN)", Recursive = true, HelpName = "TOKEN" };

    public Option<string?> Data { get; } = new("--data") { Description = "data directory of a program on this machine (also TSUNAGI_DATA)", Recursive = true, HelpName = "DIR" };

    public Verb? VerbOf(Command command) => _bound.GetValueOrDefault(command)?.Verb;

    /// <summary>What was given to the verb, by the declared names.</summary>
    public (IReadOnlyDictionary<string, IReadOnlyList<string>> Values, IReadOnlySet<string> Flags) Given(ParseResult result)
    {
        var bound = _bound[result.CommandResult.Command];
        var values = new Dictionary<string, IReadOnlyList<string>>();
        var flags = new HashSet<string>();
        foreach (var (parameter, symbol) in bound.Symbols)
        {
            switch (symbol)
            {
                case Option<bool> flag when result.GetValue(flag): flags.Add(parameter.Name); break;
                case Option<string[]> option when result.GetValue(option) is { Length: > 0 } given: values[parameter.Name] = given; break;
                case Argument<string[]> argument when result.GetValue(argument) is { Length: > 0 } given: values[parameter.Name] = given; break;
            }
        }

        // "--data" is the CLI's own; a verb that declares it too gets what was given there.
        if (result.GetValue(Data) is { } data && bound.Verb.Parameters.Any(static p => p.Name == "--data"))
        {
            values["--data"] = [data];
        }

        return (values, flags);
    }

    private void Add(Verb verb)
    {
        var at = Root;
        foreach (var word in verb.Path.Split(' '))
        {
            var next = at.Subcommands.FirstOrDefault(command => command.Name == word);
            if (next is null)
            {
                next = new Command(word, "");
                at.Subcommands.Add(next);
            }

            at = next;
        }

        at.Description = verb.Summary;
        var symbols = new List<(VerbParameter, Symbol)>();
        foreach (var parameter in verb.Parameters.Where(static p => p.Name != "--data"))
        {
            var symbol = SymbolOf(parameter);
            symbols.Add((parameter, symbol));
            if (symbol is Option option)
            {
                at.Options.Add(option);
            }
            else
            {
                at.Arguments.Add((Argument)symbol);
            }
        }

        _bound.Add(at, new Bound(verb, symbols));
        Describe(at);
    }

    /// <summary>A group says which verbs it holds.</summary>
    private static void Describe(Command verb)
    {
        foreach (var group in verb.Parents.OfType<Command>().Where(static g => g.Parents.Any()))
        {
            group.Description = string.Join(", ", group.Subcommands.Select(static c => c.Name));
        }
    }

    private static Symbol SymbolOf(VerbParameter parameter)
    {
        if (parameter.IsFlag)
        {
            return new Option<bool>(parameter.Name) { Description = parameter.Summary };
        }

        if (!parameter.Name.StartsWith('-'))
        {
            var argument = new Argument<string[]>(parameter.Name)
            {
                Description = parameter.Summary,
                CustomParser = Words,
                Arity = (parameter.Required, parameter.Many) switch
                {
                    (true, true) => ArgumentArity.OneOrMore,
                    (true, false) => ArgumentArity.ExactlyOne,
                    (false, true) => ArgumentArity.ZeroOrMore,
                    _ => ArgumentArity.ZeroOrOne,
                },
            };
            argument.Validators.Add(result => Check(parameter, result.Tokens, result.AddError));
            Complete(parameter, argument.CompletionSources);
            return argument;
        }

        var option = new Option<string[]>(parameter.Name)
        {
            Description = parameter.Summary,
            Required = parameter.Required,
            HelpName = HelpNameOf(parameter),
            CustomParser = Words,
            Arity = parameter.Many ? ArgumentArity.OneOrMore : ArgumentArity.ExactlyOne,
            AllowMultipleArgumentsPerToken = false,
        };
        if (parameter.Alias is { } alias)
        {
            option.Aliases.Add(alias);
        }

        option.Validators.Add(result => Check(parameter, result.Tokens, result.AddError));
        Complete(parameter, option.CompletionSources);
        return option;
    }

    private static string[] Words(ArgumentResult result) => [.. result.Tokens.Select(static token => token.Value)];

    private static void Complete(VerbParameter parameter, List<Func<System.CommandLine.Completions.CompletionContext, IEnumerable<System.CommandLine.Completions.CompletionItem>>> sources)
    {
        if (parameter.Allowed is { } allowed)
        {
            sources.Add(_ => allowed.Select(static word => new System.CommandLine.Completions.CompletionItem(word)));
        }
    }

    private static void Check(VerbParameter parameter, IReadOnlyList<Token> tokens, Action<string> say)
    {
        foreach (var value in tokens.Select(static token => token.Value))
        {
            if (parameter.Allowed is { } allowed && !allowed.Contains(value))
            {
                say($"{parameter.Name}: \"{value}\" is not allowed (allowed: {string.Join(", ", allowed)})");
            }

            var wrong = parameter.Value switch
            {
                VerbValue.Whole when !long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) => "a whole number",
                VerbValue.Number when !decimal.TryParse(value, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _) => "a number",
                VerbValue.Pair when value.IndexOf('=', StringComparison.Ordinal) < 1 => "name=value",
                _ => null,
            };
            if (wrong is not null)
            {
                say($"{parameter.Name}: \"{value}\" is not {wrong}");
            }
            else if (value.Length == 0 && !parameter.Name.StartsWith('-'))
            {
                say($"{parameter.Name} is empty: {parameter.Summary}");
            }
            else if (parameter.Value == VerbValue.Whole && long.Parse(value, CultureInfo.InvariantCulture) is var number && (number < parameter.Least || number > parameter.Most))
            {
                say($"{parameter.Name}: {value} is not allowed (allowed: {parameter.Least} to {parameter.Most})");
            }
        }
    }

    private static string HelpNameOf(VerbParameter parameter) =>
        parameter.Allowed is { } allowed ? string.Join('|', allowed)
        : parameter.Value switch { VerbValue.Whole or VerbValue.Number => "N", VerbValue.Pair => "NAME=VALUE", _ => parameter.Name.TrimStart('-').ToUpperInvariant() };

    private sealed record Bound(Verb Verb, IReadOnlyList<(VerbParameter Parameter, Symbol Symbol)> Symbols);
}
