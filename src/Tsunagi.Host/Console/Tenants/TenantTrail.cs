using Tsunagi.Core.Tenants;
using Tsunagi.Ui.Layout;

namespace Tsunagi.Host.Console.Tenants;

/// <summary>The way down the tree to a tenant, as far up as the caller sees.</summary>
internal static class TenantTrail
{
    public static async ValueTask<IReadOnlyList<(string Href, string Label)>> OfAsync(TenantDirectory directory, ConsoleView view, Tenant tenant, CancellationToken cancellationToken)
    {
        var steps = new List<(string, string)> { ("/console/tenants", view[T.Customers]) };
        foreach (var id in tenant.TenantPath.Split('/', StringSplitOptions.RemoveEmptyEntries)[..^1])
        {
            if (id != view.Caller.Scope.TenantId && await directory.FindAsync(view.Caller, id, cancellationToken) is { } above)
            {
                steps.Add(("/console/tenants/" + id, above.Name));
            }
        }

        return steps;
    }
}
