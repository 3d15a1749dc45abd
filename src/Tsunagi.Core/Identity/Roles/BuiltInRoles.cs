using Tsunagi.Core.Modules;

namespace Tsunagi.Core.Identity.Roles;

/// <summary>
/// The roles that are there from the start. They are made from what Core and the modules declare, so a new module's permissions are in them without
/// a change of data; a provider adds roles of its own beside them.
/// </summary>
public sealed class BuiltInRoles
{
    public const string OperatorAdmin = "operator-admin";
    public const string Support = "support";
    public const string Billing = "billing";
    public const string TenantAdmin = "tenant-admin";
    public const string TenantReader = "tenant-reader";

    private static readonly string[] BillingNouns = ["core.plan.", "core.subscription.", "core.usage.", "core.hold.", "backoffice."];
    private readonly Dictionary<string, BuiltInRole> _byId;

    public BuiltInRoles(IEnumerable<PermissionDeclaration> declared)
    {
        Declared = [.. declared.OrderBy(static permission => permission.Name, StringComparer.Ordinal)];
        All =
        [
            new(OperatorAdmin, new("Operator administrator", "運用管理者"), Set(["*"])),
            new(Support, new("Support", "サポート"), Set(Declared.Where(static each => Looks(each) && !each.OpensContent).Select(static each => each.Name))),
            new(Billing, new("Billing", "請求担当"), Set(Declared.Where(static each => each.Name == "core.tenant.read" || Array.Exists(BillingNouns, each.Name.StartsWith)).Select(static each => each.Name))),
            new(TenantAdmin, new("Tenant administrator", "テナント管理者"), Set(Declared.Where(static each => !each.OperatorOnly).Select(static each => each.Name))),
            new(TenantReader, new("Tenant reader", "テナント閲覧者"), Set(Declared.Where(static each => Looks(each) && !each.OperatorOnly && !each.OpensContent).Select(static each => each.Name))),
        ];
        _byId = All.ToDictionary(static role => role.Id, StringComparer.Ordinal);
    }

    /// <summary>Every permission there is, for the role editor and for checking what a role may hold.</summary>
    public IReadOnlyList<PermissionDeclaration> Declared { get; }

    public IReadOnlyList<BuiltInRole> All { get; }

    public BuiltInRole? Find(string id) => _byId.GetValueOrDefault(id);

    private static bool Looks(PermissionDeclaration permission) => permission.Name.EndsWith(".read", StringComparison.Ordinal);

    private static HashSet<string> Set(IEnumerable<string> permissions) => new(permissions, StringComparer.Ordinal);
}

/// <summary>One of them.</summary>
public sealed record BuiltInRole(string Id, LocalizedText Name, IReadOnlySet<string> Permissions);
