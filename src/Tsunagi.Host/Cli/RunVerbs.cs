using System.Text.Json.Nodes;
using Tsunagi.Core;
using Tsunagi.Core.Configuration;
using Tsunagi.Core.Identity.SignIn;
using Tsunagi.Core.Verbs;
using Tsunagi.Host.Configuration;
using Tsunagi.Host.Running;

namespace Tsunagi.Host.Cli;

/// <summary>Verbs that run in this process, on a data directory of this machine.</summary>
internal static class RunVerbs
{
    private static readonly VerbParameter Config = new("--config", "the node's file; tsunagi.yaml where you stand, if it is there");
    private static readonly VerbParameter Set = new("--set", "one value above the file's: console.listen=127.0.0.1:8480", Many: true, Value: VerbValue.Pair);
    private static readonly VerbParameter Data = new("--data", "the node's data directory");

    public static readonly IReadOnlyList<Verb> All =
    [
        new("run", "Run one node of the provider until it is told to stop", [Config, Data, Set], RunAsync),
        new("identity recover", "A one-time link that sets a user's password, made by whoever owns the data directory",
            [new("EMAIL", "the user's address", Required: true), new("--without-code", "the authenticator is lost too: remove its one-time codes", IsFlag: true), Config, Data, Set], RecoverAsync),
    ];

    private static Task<int> RunAsync(VerbContext context, CancellationToken cancellationToken) =>
        ServeCommand.RunAsync(context["--config"], Overrides(context), context.Out, context.Error);

    /// <summary>Asks the running program, or, when none runs, opens its directory as the program would.</summary>
    private static async Task<int> RecoverAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var problems = new List<ConfigProblem>();
        var file = context["--config"] ?? (File.Exists(context.Home.File("tsunagi.yaml")) ? context.Home.File("tsunagi.yaml") : null);
        var configuration = NodeConfiguration.Load(file, Modules.All, Overrides(context), problems);
        if (configuration is null)
        {
            throw new WrongInputException(string.Join('\n', problems));
        }

        if (!Directory.Exists(configuration.Options.Data))
        {
            throw new WrongInputException($"there is no data directory {configuration.Options.Data}: say which with --data DIR");
        }

        if (File.Exists(Path.Combine(configuration.Options.Data, CliSettings.LocalFile)))
        {
            try
            {
                return await ByApiAsync(context, cancellationToken);
            }
            catch (ProgramAwayException)
            {
                // A program that was killed leaves its file behind. Should one run after all, the directory's lock keeps us out.
            }
        }

        return await InPlaceAsync(context, configuration, cancellationToken);
    }

    private static async Task<int> ByApiAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var email = context["EMAIL"]!.Trim().ToLowerInvariant();
        var users = await context.ListAsync(ApiCalls.WithQuery("/api/v1/users", [("contains", email)]), 200, cancellationToken);
        var user = users.FirstOrDefault(u => u.Text("email") == email) ?? throw new WrongInputException($"there is no user {email}");
        var path = "/api/v1/users/" + user.Text("id");
        if (user.Text("state") == "disabled")
        {
            await context.SendAsync(HttpMethod.Patch, path, new JsonObject { ["state"] = "active" }, cancellationToken);
        }

        if (context.Flag("--without-code"))
        {
            await context.SendAsync(HttpMethod.Delete, path + "/totp?reason=" + Uri.EscapeDataString("recovered on the program's own machine"), null, cancellationToken);
        }

        var link = await context.SendAsync(HttpMethod.Post, path + "/link", null, cancellationToken);
        return Told(context, context.Api.BaseAddress!.ToString().TrimEnd('/') + link.Text("linkPath"));
    }

    private static async Task<int> InPlaceAsync(VerbContext context, NodeConfiguration configuration, CancellationToken cancellationToken)
    {
        await using var offline = await OfflineNode.OpenAsync(configuration.Options, cancellationToken);
        var link = await offline.Services.GetRequiredService<FirstStart>().RecoverAsync(context["EMAIL"]!, context.Flag("--without-code"), cancellationToken);
        return link.Ok ? Told(context, link.Value) : throw new WrongInputException(link.Refusal.Message);
    }

    private static int Told(VerbContext context, string link)
    {
        context.Print([], [], new JsonObject { ["link"] = link });
        context.Say(link.StartsWith('/') ? $"start the program and open this path of it, once, within 24 hours: {link}" : $"open this, once, within 24 hours: {link}");
        return 0;
    }

    private static Dictionary<string, string> Overrides(VerbContext context)
    {
        var overrides = context.Values("--set").Select(static pair => pair.Split('=', 2)).GroupBy(static p => p[0]).ToDictionary(static g => g.Key, static g => g.Last()[1]);
        if (context["--data"] is { } data)
        {
            overrides["data"] = data;
        }

        return overrides;
    }
}
