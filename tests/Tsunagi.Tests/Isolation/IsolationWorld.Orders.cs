using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Exchange.Credits;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;

namespace Tsunagi.Tests.Isolation;

internal sealed partial class IsolationWorld
{
    /// <summary>Quotes for the API and for the forms to send, change, accept and reject, and orders that wait for a day to come.</summary>
    private async Task AddQuotesAsync(string tenant)
    {
        foreach (var name in new[] { "draft", "draft2", "quote", "quote2", "quote3", "quote4" })
        {
            _things[name] = Id(await Node.Operator.PostAsync("/backoffice/quotes", new { tenantId = tenant, title = "Owner's " + name, items = new[] { IsolationCases.LaterItem } }));
            if (name.StartsWith("quote", StringComparison.Ordinal))
            {
                await Node.Operator.PostAsync($"/backoffice/quotes/{_things[name]}/send", new { });
            }
        }

        foreach (var name in new[] { "order", "order2" })
        {
            _things[name] = Id(await Node.Operator.PostAsync("/backoffice/product-orders", new { tenantId = tenant, reference = "Owner's " + name, items = new[] { IsolationCases.LaterItem } }));
        }

        var term = Id(await Node.Operator.PostAsync(
            "/backoffice/product-orders", new { tenantId = tenant, reference = "Owner's term", items = new[] { new { action = "modify", subscriptionId = _things["subscription"], minimumMonths = 12 } } }));
        await UntilAsync(() => Node.Operator.GetAsync("/backoffice/product-orders/" + term), static order => (string)order["state"]! == "completed");
        _things["orderItem"] = "1";
        _things["milestone"] = "1";
        foreach (var name in new[] { "project", "project2", "project3", "project4" })
        {
            _things[name] = Id(await Node.Operator.PostAsync("/backoffice/projects", new { tenantId = tenant, name = "Owner's " + name, milestones = new[] { IsolationCases.Milestone, IsolationCases.Milestone } }));
        }

        foreach (var name in new[] { "credit", "credit2", "credit3", "credit4" })
        {
            var proposed = await Node.Services.GetRequiredService<Stores>().Control.WriteAsync(
                transaction => Node.Services.GetRequiredService<ServiceCredits>().ProposeAsync(
                    transaction, Caller.System(new TenantScope("", "")), new NewServiceCredit("mail", "Owner's " + name, _things["subscription"], 1, 2, "Owner's mail was slow", "Owner's evidence") { AmountMinor = 1 }),
                CancellationToken.None);
            _things[name] = proposed.Value!.Id;
        }
    }
}
