using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tsunagi.Connectivity.AccessServers;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Lines;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Tenants;

namespace Tsunagi.Connectivity.Import.FreeRadius;

/// <summary>The request to import a FreeRADIUS installation.</summary>
public sealed record RadiusImportRequest
{
    [Required, Length(1, 100), Description("Its files: SQL dumps, tables as CSV, clients.conf, users.")]
    public IReadOnlyList<ImportFile> Files { get; init; } = [];

    [Required, MaxLength(60), Description("The plan of users whose groups have none: an id or code.")]
    public string Plan { get; init; } = "";

    [Description("Plans by group, where they differ.")]
    public IReadOnlyDictionary<string, string>? Plans { get; init; }

    [Required, MaxLength(40), Description("Whose the lines are.")]
    public string TenantId { get; init; } = "";

    [Description("True: say what would be done, and do nothing.")]
    public bool DryRun { get; init; } = true;
}

/// <summary>
/// Brings the users, clients and fixed addresses of a FreeRADIUS installation over: (1) its files are read, (2) each user becomes a line under a subscription of its own, (3) what is there already and the same is left, what
/// differs is changed, (4) each client becomes an access server, (5) what cannot be taken is in the report. The same request again goes on where the last one stopped and changes nothing twice.
/// </summary>
internal sealed class RadiusImport(
    LineBook lines, NasBook nases, LineImport imported, SubscriptionOrders orders, Plans plans, TenantDirectory tenants, ImportOptions options)
{
    private const string LineKind = "line";
    private const string NasKind = "nas";

    public async ValueTask<Outcome<ImportReport>> RunAsync(Caller caller, RadiusImportRequest request, CancellationToken cancellationToken)
    {
        if (!caller.IsOperator)
        {
            return new Refusal(RefusalKind.Forbidden, "connectivity.import.operators-only", "only the provider's operators import lines and access servers");
        }

        if (await tenants.FindAsync(caller, request.TenantId, cancellationToken) is not { } tenant)
        {
            return Refusal.NotFound("tenant", request.TenantId);
        }

        foreach (var code in (request.Plans?.Values ?? []).Append(request.Plan).Distinct(StringComparer.Ordinal))
        {
            if (await plans.FindAsync(code, cancellationToken) is not { Specification: BroadbandSettings.Kind })
            {
                return Refusal.Invalid("connectivity.import.plan", "plan", $"{code} is no plan of {BroadbandSettings.Kind}", "a plan's id or code");
            }
        }

        // (1)
        var read = RadiusFiles.Read(request.Files, options.MaxRows);
        var wanted = RadiusLines.Of(read);
        var tally = new ImportTally();

        // (2), (3)
        var done = 0;
        foreach (var line in wanted)
        {
            if (!request.DryRun && done >= options.LinesPerCall)
            {
                tally.Remaining++;
                continue;
            }

            done += await TakeAsync(caller, request, tenant, line, tally, cancellationToken) ? 1 : 0;
        }

        // (4)
        var servers = await nases.ListAsync(caller, "", 10_000, cancellationToken);
        foreach (var client in read.Clients)
        {
            await TakeAsync(caller, request.DryRun, client, servers, tally, cancellationToken);
        }

        // (5)
        TellOfRest(read);
        return tally.Report(
            request.DryRun, read.Problems, [.. wanted.Where(static line => line.Password.Form != LinePasswordForm.None && !line.Password.Serves.HasFlag(PasswordProofs.Chap)).Select(static line => line.UserName)],
            [.. wanted.Where(static line => line.Password.Form != LinePasswordForm.None && !line.Password.Serves.HasFlag(PasswordProofs.MsChapV2)).Select(static line => line.UserName)]);
    }

    /// <summary>True when something was written.</summary>
    private async ValueTask<bool> TakeAsync(Caller caller, RadiusImportRequest request, Tenant tenant, WantedLine wanted, ImportTally tally, CancellationToken cancellationToken)
    {
        if (!LineNames.IsUserName(wanted.UserName))
        {
            tally.Refuse(LineKind, wanted.UserName, $"{wanted.File}:{wanted.Line}: this can be no user name");
            return false;
        }

        var there = await imported.FindByUserAsync(wanted.UserName, cancellationToken);
        if (there is null)
        {
            return await AddAsync(caller, request, tenant, wanted, tally, cancellationToken);
        }

        var (row, password) = there.Value;
        if (row.TenantId != tenant.Id)
        {
            tally.Refuse(LineKind, wanted.UserName, "another tenant has a line of this name");
            return false;
        }

        var differs = Differences(row, password, wanted);
        if (differs.Count == 0)
        {
            tally.Same(LineKind);
            return false;
        }

        if (!request.DryRun && await ChangeAsync(caller, row, wanted, differs, cancellationToken) is { } refusal)
        {
            tally.Refuse(LineKind, wanted.UserName, refusal.Message);
            return true;
        }

        tally.Change(LineKind, wanted.UserName, string.Join(", ", differs));
        return true;
    }

    private async ValueTask<bool> AddAsync(Caller caller, RadiusImportRequest request, Tenant tenant, WantedLine wanted, ImportTally tally, CancellationToken cancellationToken)
    {
        var plan = wanted.Groups.Select(group => request.Plans?.GetValueOrDefault(group)).FirstOrDefault(static code => code is not null) ?? request.Plan;
        var detail = $"{plan}{(wanted.Groups.Count > 0 ? ", group " + string.Join(", ", wanted.Groups) : "")}{(wanted.V4.Length > 0 ? ", " + wanted.V4 : "")}{(wanted.IsRejected ? ", suspended" : "")}";
        if (wanted.Password.Form == LinePasswordForm.None)
        {
            tally.Refuse(LineKind, wanted.UserName, $"{wanted.File}:{wanted.Line}: it has no password that could be read");
            return false;
        }

        if (request.DryRun)
        {
            tally.Add(LineKind, wanted.UserName, detail);
            return false;
        }

        var settings = (JsonObject)wanted.Settings.DeepClone();
        var taken = await orders.TakeAsync(
            caller, new NewSubscription(tenant.Id, plan, wanted.UserName, JsonSerializer.SerializeToElement(settings), 1, new Dictionary<string, string> { ["freeradius"] = wanted.UserName }), cancellationToken);
        if (!taken.Ok)
        {
            tally.Refuse(LineKind, wanted.UserName, taken.Refusal.Message);
            return true;
        }

        if (wanted.IsRejected)
        {
            await orders.PlaceHoldAsync(caller, taken.Value.Id, new NewHold("technical", "Auth-Type := Reject in the system it was imported from"), cancellationToken);
        }

        var added = await lines.ImportAsync(
            caller,
            new NewLine
            {
                SubscriptionId = taken.Value.Id, UserName = wanted.UserName, V4 = wanted.V4, V6 = wanted.V6, LinkPrefix = wanted.LinkPrefix, DelegatedPrefix = wanted.DelegatedPrefix, Routes = wanted.Routes,
                Replies = wanted.Replies,
            },
            wanted.Password, cancellationToken);
        if (!added.Ok)
        {
            // Nothing is sold that is not there.
            await orders.EndAsync(caller, taken.Value.Id, null, cancellationToken);
            tally.Refuse(LineKind, wanted.UserName, added.Refusal.Message);
            return true;
        }

        tally.Add(LineKind, wanted.UserName, detail);
        return true;
    }

    private static List<string> Differences(LineRow row, LinePassword password, WantedLine wanted)
    {
        var differs = new List<string>();
        if (wanted.Password.Form != LinePasswordForm.None && !password.Equals(wanted.Password))
        {
            differs.Add("password");
        }

        // What a pool of ours gave stays where the other system names no address.
        foreach (var (name, ours, theirs) in ((string, string, string)[])[("v4", row.V4, wanted.V4), ("v6", row.V6, wanted.V6), ("linkPrefix", row.LinkPrefix, wanted.LinkPrefix), ("delegatedPrefix", row.DelegatedPrefix, wanted.DelegatedPrefix)])
        {
            if (theirs.Length > 0 && theirs != ours)
            {
                differs.Add($"{name} {(ours.Length > 0 ? ours : "none")} → {theirs}");
            }
        }

        if (!row.RouteList.SequenceEqual(wanted.Routes))
        {
            differs.Add("routes");
        }

        if (!row.ReplyList.SequenceEqual(wanted.Replies))
        {
            differs.Add("replies");
        }

        return differs;
    }

    private async ValueTask<Refusal?> ChangeAsync(Caller caller, LineRow row, WantedLine wanted, List<string> differs, CancellationToken cancellationToken)
    {
        var changed = differs is ["password"] ? row : await lines.ChangeAsync(
            caller, row.Id,
            new LineChange
            {
                V4 = wanted.V4.Length > 0 ? wanted.V4 : null, V6 = wanted.V6.Length > 0 ? wanted.V6 : null, LinkPrefix = wanted.LinkPrefix.Length > 0 ? wanted.LinkPrefix : null,
                DelegatedPrefix = wanted.DelegatedPrefix.Length > 0 ? wanted.DelegatedPrefix : null, Routes = wanted.Routes, Replies = wanted.Replies,
            },
            null, cancellationToken);
        if (!changed.Ok)
        {
            return changed.Refusal;
        }

        return differs.Contains("password") && await lines.ImportPasswordAsync(caller, row.Id, wanted.Password, cancellationToken) is { Ok: false } refused ? refused.Refusal : null;
    }

    private async ValueTask TakeAsync(Caller caller, bool dryRun, RadiusClient client, IReadOnlyList<NasRow> servers, ImportTally tally, CancellationToken cancellationToken)
    {
        var sources = client.Sources.Select(static source => Canonical(source)).ToList();
        if (sources.Any(static source => source is null) || client.Secret.Length == 0)
        {
            tally.Refuse(NasKind, client.Name, $"{client.File}:{client.Line}: {(client.Secret.Length == 0 ? "it has no secret" : $"\"{string.Join(", ", client.Sources)}\" is no address or network (names are not looked up)")}");
            return;
        }

        if (servers.Any(server => sources.All(source => server.SourceList.Contains(source!))))
        {
            tally.Same(NasKind);
            return;
        }

        var rule = client.RequiresMessageAuthenticator switch { true => MessageAuthenticatorRule.Yes, false => MessageAuthenticatorRule.No, _ => MessageAuthenticatorRule.Auto };
        if (!dryRun)
        {
            var added = await nases.AddAsync(
                caller, new NewNas { Name = client.Name, Sources = [.. sources.Select(static source => source!)], Secret = client.Secret, Dialect = DialectOf(client.Kind), MessageAuthenticator = rule }, cancellationToken);
            if (!added.Ok)
            {
                tally.Refuse(NasKind, client.Name, added.Refusal.Message);
                return;
            }
        }

        tally.Add(NasKind, client.Name, string.Join(", ", sources));
    }

    private static void TellOfRest(RadiusConfiguration read)
    {
        foreach (var pool in read.PoolAddresses.GroupBy(static address => address.Pool, StringComparer.Ordinal))
        {
            var blocks = pool.Select(static address => Addresses.AddressBlock.TryParse(address.Address, out var block) ? block : default).Where(static block => block.Length > 0).Order().ToList();
            read.Problems.Add(new ImportProblem(
                pool.First().File, pool.First().Line,
                $"the pool {pool.Key} has {pool.Count()} addresses{(blocks.Count > 0 ? $" from {blocks[0].Address} to {blocks[^1].Address}" : "")}: add it with tsunagi ipam pool add --name {pool.Key} --purpose sessions", false));
        }

        if (read.OpenSessions.Count > 0)
        {
            read.Problems.Add(new ImportProblem(
                read.OpenSessions[0].File, read.OpenSessions[0].Line, $"{read.OpenSessions.Count} sessions are open there: each is taken over, with its counters, at its next interim report here", false));
        }
    }

    private static string? Canonical(string source) => source is "*" or "0.0.0.0/0" ? null
        : LineRules.Canonical(source, source.Contains(':', StringComparison.Ordinal) ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork) is { Length: > 0 } cidr ? cidr : null;

    private static NasDialect DialectOf(string kind) => kind.ToLowerInvariant() switch
    {
        "mikrotik" => NasDialect.MikroTik,
        "cisco" => NasDialect.Cisco,
        "juniper" => NasDialect.Juniper,
        "huawei" => NasDialect.Huawei,
        _ => NasDialect.Standard,
    };
}
