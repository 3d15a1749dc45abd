using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Tenants;

namespace Tsunagi.Connectivity.Import.Plan;

/// <summary>The request to import a plan of addresses.</summary>
public sealed record PlanImportRequest
{
    [Required, Length(1, 20), Description("CSV exports of NetBox or phpIPAM, or of our own list.")]
    public IReadOnlyList<ImportFile> Files { get; init; } = [];

    [MaxLength(40), RegularExpression("[a-z0-9-]*", ErrorMessage = "lower-case letters, digits and hyphens"), Description("The system that goes on being the authority for these prefixes (netbox): they are changed only by importing again. Without it they are ours.")]
    public string? Authority { get; init; }

    [Description("True: say what would be done, and do nothing.")]
    public bool DryRun { get; init; } = true;
}

/// <summary>Brings prefixes and aggregates of another system into the plan: larger before smaller, VRFs by their names, tenants by name or by a reference of that system. The same file again changes what differs.</summary>
internal sealed class PlanImport(PrefixBook book, TenantDirectory tenants, ImportOptions options)
{
    private const string Kind = "prefix";

    public async ValueTask<Outcome<ImportReport>> RunAsync(Caller caller, PlanImportRequest request, CancellationToken cancellationToken)
    {
        if (!caller.IsOperator)
        {
            return new Refusal(RefusalKind.Forbidden, "connectivity.import.operators-only", "only the provider's operators import lines and access servers");
        }

        var problems = new List<ImportProblem>();
        var wanted = PlanFiles.Read(request.Files, options.MaxRows, problems);
        var vrfs = (await book.VrfsAsync(caller, cancellationToken)).ToDictionary(static vrf => vrf.Name, static vrf => vrf.Id, StringComparer.OrdinalIgnoreCase);
        var tally = new ImportTally();
        foreach (var prefix in wanted.OrderBy(static each => each.Block.Length).ThenBy(static each => each.Block))
        {
            if (await VrfAsync(caller, prefix, request, vrfs, tally, cancellationToken) is { } vrf && await TenantAsync(caller, prefix, problems, cancellationToken) is { } tenant)
            {
                await TakeAsync(caller, prefix, vrf, tenant, request, tally, cancellationToken);
            }
        }

        return tally.Report(request.DryRun, problems, [], []);
    }

    private async ValueTask<string?> VrfAsync(
        Caller caller, WantedPrefix prefix, PlanImportRequest request, Dictionary<string, string> vrfs, ImportTally tally, CancellationToken cancellationToken)
    {
        if (prefix.Vrf.Length == 0 || prefix.Vrf.Equals("global", StringComparison.OrdinalIgnoreCase))
        {
            return Vrf.Global;
        }

        if (vrfs.TryGetValue(prefix.Vrf, out var there))
        {
            return there;
        }

        var id = "new";
        if (!request.DryRun)
        {
            var added = await book.AddVrfAsync(caller, new NewVrf(prefix.Vrf), cancellationToken);
            if (!added.Ok)
            {
                tally.Refuse("vrf", prefix.Vrf, added.Refusal.Message);
                return null;
            }

            id = added.Value.Id;
        }

        tally.Add("vrf", prefix.Vrf);
        return vrfs[prefix.Vrf] = id;
    }

    private async ValueTask<string?> TenantAsync(Caller caller, WantedPrefix prefix, List<ImportProblem> problems, CancellationToken cancellationToken)
    {
        if (prefix.Tenant.Length == 0)
        {
            return caller.Scope.TenantId;
        }

        var found = (await tenants.ListAsync(caller, "", 20, null, prefix.Tenant, cancellationToken)).Where(tenant => tenant.Name.Equals(prefix.Tenant, StringComparison.OrdinalIgnoreCase)).ToList();
        if (found.Count == 1)
        {
            return found[0].Id;
        }

        problems.Add(new ImportProblem(prefix.File, prefix.Line, $"{prefix.Block}: there {(found.Count == 0 ? "is no tenant" : "are several tenants")} named {prefix.Tenant}: it is taken as the provider's own", true));
        return caller.Scope.TenantId;
    }

    private async ValueTask TakeAsync(Caller caller, WantedPrefix prefix, string vrf, string tenant, PlanImportRequest request, ImportTally tally, CancellationToken cancellationToken)
    {
        var name = prefix.Block.ToString();
        var authority = request.Authority ?? "";
        var there = vrf == "new" ? null : (await book.ListAsync(caller, name, vrf, "", "", "", 100, cancellationToken)).FirstOrDefault(row => row.Cidr == name);
        if (there is null)
        {
            var added = request.DryRun ? default(Outcome<PrefixRow>?) : await book.AddAsync(
                caller, new NewPrefix { Cidr = name, VrfId = vrf, State = prefix.State, Rir = prefix.Rir, Role = Cut(prefix.Role, 80), TenantId = tenant, Note = Cut(prefix.Note, 500) }, cancellationToken, authority);
            if (added is { Ok: false } refused)
            {
                tally.Refuse(Kind, name, $"{prefix.File}:{prefix.Line}: {refused.Refusal!.Message}");
            }
            else
            {
                tally.Add(Kind, name, string.Join(", ", ((string[])[prefix.State, prefix.Rir, prefix.Role]).Where(static text => text.Length > 0)));
            }

            return;
        }

        if (there.Authority != authority)
        {
            tally.Refuse(Kind, name, there.Authority.Length == 0 ? "it is in the plan already, and ours to change" : $"{there.Authority} is the authority for it");
            return;
        }

        var change = new PrefixChange { State = prefix.State, Rir = prefix.Rir, Role = Cut(prefix.Role, 80), TenantId = tenant, Note = Cut(prefix.Note, 500) };
        if ((there.State, there.Rir, there.Role, there.TenantId, there.Note) == (change.State, change.Rir, change.Role, change.TenantId, change.Note))
        {
            tally.Same(Kind);
            return;
        }

        var changed = request.DryRun ? default(Outcome<PrefixRow>?) : await book.ChangeAsync(caller, there.Id, change, null, cancellationToken, authority);
        if (changed is { Ok: false } no)
        {
            tally.Refuse(Kind, name, no.Refusal!.Message);
        }
        else
        {
            tally.Change(Kind, name, $"{there.State} {there.Role} → {change.State} {change.Role}");
        }
    }

    private static string Cut(string text, int most) => text.Length > most ? text[..most] : text;
}
