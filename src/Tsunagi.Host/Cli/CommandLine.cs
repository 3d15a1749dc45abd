using System.CommandLine;
using System.CommandLine.Parsing;
using Tsunagi.Core.Secrets;
using Tsunagi.Core.Store;
using Tsunagi.Core.Verbs;

namespace Tsunagi.Host.Cli;

/// <summary>
/// The program's command line: (1) finds the verb, or says which are near; (2) checks what it was given; (3) runs it; (4) turns what became of it into
/// an exit code: 0 done, 1 failed, 2 wrong input, 3 cannot reach the program.
/// </summary>
public static class CommandLine
{
    private const int Failed = 1;
    private const int WrongInput = 2;
    private const int Away = 3;
    private const int Interrupted = 130;

    /// <param name="more">Verbs beside the host's own, Core's and the modules'.</param>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, IReadOnlyList<Verb> more)
    {
        using var interrupted = new CancellationTokenSource();
        void OnInterrupt(object? sender, ConsoleCancelEventArgs stop)
        {
            stop.Cancel = true;
            interrupted.Cancel();
        }

        System.Console.CancelKeyPress += OnInterrupt;
        try
        {
            return await RunAsync(arguments, VerbTable.All([.. RunVerbs.All, .. more, .. CliVerbs.All], Modules.All), CliEnvironment.OfProcess(), interrupted.Token);
        }
        finally
        {
            System.Console.CancelKeyPress -= OnInterrupt;
        }
    }

    internal static Task<int> RunAsync(IReadOnlyList<string> arguments, IReadOnlyList<Verb> verbs, CliEnvironment environment, CancellationToken cancellationToken) =>
        RunAsync(arguments, new CommandTree(verbs), environment, cancellationToken);

    internal static async Task<int> RunAsync(IReadOnlyList<string> arguments, CommandTree tree, CliEnvironment environment, CancellationToken cancellationToken)
    {
        if (arguments is [Completion.Verb, ..])
        {
            Completion.Print(tree, arguments, environment.Out);
            return 0;
        }

        // (1)
        var result = CommandLineParser.Parse(tree.Root, arguments.Count == 0 ? ["--help"] : arguments);
        if (result.Action is System.CommandLine.Help.HelpAction help)
        {
            result.InvocationConfiguration.Output = environment.Out;
            return help.Invoke(result);
        }

        // (2)
        if (Mistakes(tree, result, environment) is { Count: > 0 } mistakes)
        {
            mistakes.ForEach(environment.Error.WriteLine);
            return WrongInput;
        }

        // (3)
        var (values, flags) = tree.Given(result);
        using var context = new CliContext(
            environment, () => CliSettings.Find(environment, result.GetValue(tree.Url), result.GetValue(tree.Token), result.GetValue(tree.Data)),
            result.GetValue(tree.Json), values, flags);
        return await RunAsync(tree.VerbOf(result.CommandResult.Command)!, context, environment, cancellationToken);
    }

    private static async Task<int> RunAsync(Verb verb, CliContext context, CliEnvironment environment, CancellationToken cancellationToken)
    {
        // (4)
        try
        {
            return await verb.RunAsync(context, cancellationToken);
        }
        catch (WrongInputException e)
        {
            await environment.Error.WriteLineAsync(TextTable.Safe(e.Message));
            return WrongInput;
        }
        catch (ApiFailedException e)
        {
            Tell(context, environment, e);
            return e.ExitCode;
        }
        catch (ProgramAwayException e)
        {
            await environment.Error.WriteLineAsync(e.Message);
            return Away;
        }
        catch (OperationCanceledException)
        {
            return Interrupted;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Text.Json.JsonException or HttpRequestException or StoreUnavailableException or SchemaException or SecretsException)
        {
            await environment.Error.WriteLineAsync($"tsunagi {verb.Path}: {TextTable.Safe(e.Message)}");
            return e is HttpRequestException ? Away : Failed;
        }
        catch (Exception e)
        {
            // A fault of ours: a person is told what he was doing, and where to tell of it; the trace is for whoever asks for it.
            await environment.Error.WriteLineAsync($"tsunagi {verb.Path}: this failed by an error in the program: {TextTable.Safe(e.Message)}");
            await environment.Error.WriteLineAsync(environment.Variable("TSUNAGI_TRACE") == "1" ? e.ToString() : "Run it again with TSUNAGI_TRACE=1 and report what it prints.");
            return Failed;
        }
    }

    private static void Tell(CliContext context, CliEnvironment environment, ApiFailedException failed)
    {
        if (context.Json && failed.Problem is not null)
        {
            environment.Error.WriteLine(failed.Problem.ToJsonString());
            return;
        }

        foreach (var line in failed.Message.Split('\n'))
        {
            environment.Error.WriteLine(TextTable.Safe(line));
        }
    }

    private static List<string> Mistakes(CommandTree tree, ParseResult result, CliEnvironment environment)
    {
        var command = result.CommandResult.Command;
        var given = string.Join(' ', Words(command));
        var verb = tree.VerbOf(command);
        if (verb is not null)
        {
            // The parser takes an option it does not know for the value of a positional parameter: people mean an option.
            var unknown = result.Tokens.Where(static t => t.Type == TokenType.Argument && t.Value.StartsWith("--", StringComparison.Ordinal)).Select(static t => t.Value)
                .Where(word => result.CommandResult.Children.OfType<OptionResult>().All(option => option.Tokens.All(t => t.Value != word))).Distinct().ToList();
            if (unknown.Count > 0)
            {
                var options = verb.Parameters.Select(static p => p.Name).Where(static n => n.StartsWith('-')).Concat(["--json", "--url", "--token", "--data", "--help"]).ToList();
                return [.. unknown.Select(word => $"{given}: there is no option {TextTable.Safe(word)}" + Meant(Near.To(word, options))), $"try: {given} --help"];
            }

            return [.. result.Errors.Select(error => $"{given}: {error.Message}").Distinct(), .. result.Errors.Count == 0 ? [] : (string[])[$"try: {given} --help"]];
        }

        var known = command.Subcommands.Select(static c => c.Name).ToList();
        var word = result.UnmatchedTokens.FirstOrDefault(static token => !token.StartsWith('-'));
        if (word is null)
        {
            return [$"{given}: say which: {string.Join(", ", known)}"];
        }

        var near = Near.To(word, known);
        return
        [
            $"{given}: there is no verb \"{TextTable.Safe(word)}\"" + Meant(near),
            $"verbs here: {string.Join(", ", known)}",
        ];
    }

    private static string Meant(IReadOnlyList<string> near) => near.Count == 0 ? "" : $"; did you mean {string.Join(" or ", near)}?";

    private static IEnumerable<string> Words(Command command)
    {
        var above = command.Parents.OfType<Command>().FirstOrDefault();
        return above is null ? [command.Name] : [.. Words(above), command.Name];
    }
}
