using System.Globalization;
using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;

namespace Tsunagi.Connectivity.Verbs;

/// <summary>tsunagi connectivity import …: what another system has, shown first (--dry-run), then taken.</summary>
internal static class ImportVerbs
{
    private const string Api = "/api/v1/connectivity/import/";
    private const long LargestFile = 200L * 1024 * 1024;

    private static readonly VerbParameter DryRun = new("--dry-run", "say what would be done, and do nothing", IsFlag: true);

    public static readonly IReadOnlyList<Verb> All =
    [
        new("import freeradius", "Users, clients and fixed addresses of FreeRADIUS", [
            From("SQL dumps (*.sql), radcheck.csv and its like, clients.conf, users"), new("--plan", "the plan of users whose groups have none", Required: true), new("--tenant-id", "whose the lines are (t_…)", Required: true),
            new("--group-plan", "group=plan, where a group has its own; may be given several times", Many: true, Value: VerbValue.Pair), DryRun,
        ], RadiusAsync),
        new("import kea", "Leases and reservations of Kea into the pools they lie in",
            [From("kea-leases4.csv, kea-leases6.csv, *.json, *.conf"), new("--tenant-id", "whose the assignments are (t_…); the provider's without it"), DryRun],
            static (context, cancellationToken) => RunAsync(context, "kea", Body(context, [".csv", ".json", ".conf"], ("tenantId", context["--tenant-id"])), cancellationToken)),
        new("import plan", "Prefixes and aggregates of NetBox or phpIPAM",
            [From("*.csv"), new("--authority", "the system that goes on being the authority (netbox); ours without it"), DryRun],
            static (context, cancellationToken) => RunAsync(context, "plan", Body(context, [".csv"], ("authority", context["--authority"])), cancellationToken)),
    ];

    private static VerbParameter From(string files) => new("PATH", "a directory, or files: " + files, Required: true, Many: true);

    private static Task<int> RadiusAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var body = Body(context, [".sql", ".csv", "clients.conf", "users", "authorize"], ("plan", context["--plan"]), ("tenantId", context["--tenant-id"]));
        if (ApiVerb.Pairs(context, "--group-plan") is { Count: > 0 } plans)
        {
            body["plans"] = plans;
        }

        return RunAsync(context, "freeradius", body, cancellationToken);
    }

    private static JsonObject Body(VerbContext context, string[] endings, params (string Member, string? Value)[] members)
    {
        var files = new JsonArray();
        foreach (var path in context.Values("PATH").Select(context.Home.File))
        {
            IEnumerable<string> names = Directory.Exists(path) ? Directory.EnumerateFiles(path).Where(name => endings.Any(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))).Order(StringComparer.Ordinal) : [path];
            foreach (var name in names)
            {
                files.Add(new JsonObject { ["name"] = Path.GetFileName(name), ["text"] = Read(name) });
            }
        }

        if (files.Count == 0)
        {
            throw new WrongInputException($"there is no file to import: {string.Join(", ", endings)}");
        }

        var body = new JsonObject { ["files"] = files, ["dryRun"] = context.Flag("--dry-run") };
        foreach (var (member, value) in members.Where(static pair => pair.Value is not null))
        {
            body[member] = value;
        }

        return body;
    }

    private static string Read(string name)
    {
        try
        {
            return new FileInfo(name).Length > LargestFile ? throw new WrongInputException($"{name} has more than {LargestFile} octets") : File.ReadAllText(name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WrongInputException($"the file {name} cannot be read: {e.Message}");
        }
    }

    /// <summary>The same request again until nothing remains; exit code 1 when something was refused or not understood.</summary>
    private static async Task<int> RunAsync(VerbContext context, string what, JsonObject body, CancellationToken cancellationToken)
    {
        var (report, left, before) = (new JsonObject(), 0L, long.MaxValue);
        while (true)
        {
            report = await context.SendAsync(HttpMethod.Post, Api + what, body.DeepClone(), cancellationToken);
            if (!long.TryParse(report.Text("remaining"), NumberStyles.None, CultureInfo.InvariantCulture, out left) || left == 0 || left >= before)
            {
                break;
            }

            before = left;
            context.Say(string.Create(CultureInfo.InvariantCulture, $"{left} left"), VerbTone.Muted);
        }

        if (context.Json)
        {
            context.Print([], [], report);
        }
        else
        {
            ApiVerb.PrintRows(context, report["steps"] as JsonArray ?? [], "kind", "act", "name", "detail");
            ApiVerb.PrintRows(context, report["problems"] as JsonArray ?? [], "file", "line", "is error=isError", "message");
            ApiVerb.PrintRows(context, report["counts"] as JsonArray ?? [], "kind", "added", "changed", "same", "refused");
        }

        Warn(context, report, "noChap", "cannot use CHAP: their passwords are kept one way; they need PAP or a new password");
        Warn(context, report, "noMsChap", "cannot use MS-CHAP: their passwords are neither in clear nor NT hashes");
        var bad = (report["counts"] as JsonArray ?? []).Any(static count => count.Text("refused") != "0") || (report["problems"] as JsonArray ?? []).Any(static problem => string.Equals(problem.Text("isError"), "true", StringComparison.OrdinalIgnoreCase));
        if (left > 0)
        {
            context.Say(string.Create(CultureInfo.InvariantCulture, $"{left} are left and the import does not get on with them; what was refused is said above"), VerbTone.Warning);
            return 1;
        }

        context.Say(context.Flag("--dry-run") ? "nothing was changed" : "done", bad ? VerbTone.Warning : VerbTone.Plain);
        return bad ? 1 : 0;
    }

    private static void Warn(VerbContext context, JsonObject report, string member, string sentence)
    {
        if (report.Text(member + "InAll") is var count and not "0")
        {
            context.Say($"{count} users {sentence}: {string.Join(", ", (report[member] as JsonArray ?? []).Take(20).Select(static name => name?.ToString()))}{(count is { Length: > 2 } ? ", …" : "")}", VerbTone.Warning);
        }
    }
}
