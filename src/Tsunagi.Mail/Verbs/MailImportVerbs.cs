using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Import;

namespace Tsunagi.Mail.Verbs;

/// <summary>tsunagi mail import postfix: shown first, then taken with --apply.</summary>
internal static class MailImportVerbs
{
    private const long LargestFile = 64L * 1024 * 1024;

    public static readonly IReadOnlyList<Verb> All =
    [
        new("import postfix", "Take over what a Postfix relays; shown first, done with --apply",
            [
                new("PATH", "its main.cf, or the directory it is in", Required: true), new("--subscription", "the mail gateway the domains become part of (s_…)", Required: true),
                new("--domain", "a domain that is cut over now; all without it; may be given several times", Many: true),
                new("--opendkim", "the path of opendkim.conf, to take its keys too"),
                new("--rspamd", "the path of Rspamd's multimap.conf, to take the senders its maps allow and block too"),
                new("--senders", "whose word those become: the tenant's, or the provider's for all tenants", Allowed: ["tenant", "provider"]),
                new("--root", "where the other machine's files lie, if not here: put before every path the files name"),
                new("--apply", "do it, instead of saying what would be done", IsFlag: true),
            ],
            PostfixAsync),
    ];

    private static async Task<int> PostfixAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var main = context.Home.File(context["PATH"]!);
        main = Directory.Exists(main) ? Path.Combine(main, "main.cf") : main;
        if (!File.Exists(main))
        {
            throw new WrongInputException($"there is no {main}");
        }

        var opendkim = context["--opendkim"] is { } given ? context.Home.File(given) : null;
        var rspamd = context["--rspamd"] is { } multimap ? context.Home.File(multimap) : null;
        var root = context["--root"] is { } at ? context.Home.File(at) : "";

        // The set-up is read here only to learn which files it names; the API reads it again, and says what is in it.
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        string? Read(string name)
        {
            if (!files.TryGetValue(name, out var text) && Text(name == main || name == opendkim || name == rspamd || root.Length == 0 || name.StartsWith(root + "/", StringComparison.Ordinal) ? name : root + name) is { } read)
            {
                files[name] = text = read;
            }

            return text;
        }

        var relayed = PostfixSetup.Read(main, Read, new ImportProblems());
        var keys = opendkim is null ? null : OpenDkimSetup.Read(opendkim, Read, new ImportProblems());
        var asked = context.Values("--domain").Select(static name => MailDomain.Normalize(name) ?? name).ToList();
        foreach (var domain in relayed.Where(domain => asked.Count == 0 || asked.Contains(domain.Name)))
        {
            // Only keys that are asked for leave this machine.
            _ = keys?.KeysOf(domain.Name);
        }

        if (rspamd is not null)
        {
            _ = RspamdMaps.Read(rspamd, Read, new ImportProblems());
        }

        var body = new JsonObject
        {
            ["subscriptionId"] = context["--subscription"], ["mainFile"] = main, ["domains"] = new JsonArray([.. context.Values("--domain").Select(static name => (JsonNode)name)]), ["dryRun"] = !context.Flag("--apply"),
            ["files"] = new JsonArray([.. files.Select(static pair => new JsonObject { ["name"] = pair.Key, ["text"] = pair.Value })]),
        };
        if (opendkim is not null)
        {
            body["openDkimFile"] = opendkim;
        }

        if (rspamd is not null)
        {
            (body["rspamdFile"], body["senders"]) = (rspamd, context["--senders"] ?? "tenant");
        }

        return Tell(context, await context.SendAsync(HttpMethod.Post, "/api/v1/mail/import/postfix", body, cancellationToken));
    }

    /// <summary>Exit code 1 when something was refused, waits, or was not understood.</summary>
    private static int Tell(VerbContext context, JsonObject report)
    {
        if (context.Json)
        {
            context.Print([], [], report);
        }
        else
        {
            ApiVerb.PrintRows(context, report["steps"] as JsonArray ?? [], "domain", "kind", "act", "detail");
            ApiVerb.PrintRows(context, report["problems"] as JsonArray ?? [], "file", "line", "is error=isError", "message");
        }

        var bad = report.Text("refused") != "0" || report.Text("waiting") != "0" || (report["problems"] as JsonArray ?? []).Any(static problem => string.Equals(problem.Text("isError"), "true", StringComparison.OrdinalIgnoreCase));
        context.Say(context.Flag("--apply") ? "done, but for what is refused or waits" : "nothing was changed; --apply does it", bad ? VerbTone.Warning : VerbTone.Plain);
        return bad ? 1 : 0;
    }

    private static string? Text(string path)
    {
        try
        {
            return !File.Exists(path) ? null : new FileInfo(path).Length > LargestFile ? throw new WrongInputException($"{path} has more than {LargestFile} octets") : File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WrongInputException($"the file {path} cannot be read: {e.Message}");
        }
    }
}
