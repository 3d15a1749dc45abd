using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.BackOffice.Runs;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;
using Tsunagi.Core.Tenants;

namespace Tsunagi.Tests.Isolation;

/// <summary>An account with an invoice, payments, and what came from the bank.</summary>
internal sealed partial class IsolationWorld
{
    /// <summary>A billing account, an invoice of a run that another operator released, and a payment of a part of it.</summary>
    private async Task FillBackOfficeAsync(string tenant)
    {
        var op = Node.Operator;
        _things["account"] = Id(await op.PostAsync("/backoffice/accounts", new { tenantId = tenant, name = "Owner's accounts" }));
        // Whatever the day: what is put on a bill by hand is revenue at once.
        await op.PostAsync($"/backoffice/accounts/{_things["account"]}/adjustments", new { label = "Owner's visit", amountMinor = 7, reason = "a technician came" });
        var provider = (await Node.Services.GetRequiredService<Stores>().Control.ReadAsync(
            static reader => reader.FirstOrDefaultAsync<string>("SELECT tenant_path FROM tenant WHERE kind = 'provider'"), CancellationToken.None))!;
        _things["run"] = Id(await op.PostAsync("/backoffice/runs", new { period = TimeProvider.System.GetUtcNow().AddHours(9).ToString("yyyy-MM", System.Globalization.CultureInfo.InvariantCulture) }));
        await UntilAsync(() => op.GetAsync("/backoffice/runs/" + _things["run"]), static run => (string)run["state"]! == "ready");
        var releaser = new Caller("u_releaser", "releaser@provider.example", new TenantScope(provider.TrimEnd('/'), provider), new HashSet<string> { "*" }, true, "en");
        var released = await Node.Services.GetRequiredService<RunOrders>().ReleaseAsync(releaser, _things["run"], CancellationToken.None);
        Assert.True(released.Ok, released.Refusal?.ToString());
        await UntilAsync(() => op.GetAsync("/backoffice/runs/" + _things["run"]), static run => (string)run["state"]! == "issued");
        var bill = (JsonArray)(await Owner.GetAsync("/backoffice/customer-bills"))["items"]!;
        _things["bill"] = _things["invoice"] = (string)bill[0]!["id"]!;
        _things["number"] = (string)bill[0]!["billNo"]!;
        _things["billLine"] = await MeteredLineAsync();
        _things["payment"] = Id(await op.PostAsync("/backoffice/payments", new { accountId = _things["account"], receivedOn = "2026-11-01", amountMinor = 1, foreignKey = "k1", payer = "Owner's bank" }));
        await AddBankPaymentAsync();
        await AddQuotesAsync(tenant);
    }

    /// <summary>The number of a line that was counted: both by our own meters and by a record that a person made.</summary>
    private async Task<string> MeteredLineAsync()
    {
        var lines = (JsonArray)(await Owner.GetAsync($"/backoffice/customer-bills/{_things["bill"]}/applied-rates"))["items"]!;
        return lines.First(static line => (string?)line!["meter"] == "mail.messages")!["line"]!.ToString();
    }

    /// <summary>A payment that came by a bank's file, which the others have too (<see cref="IsolationCases.BankFile"/>).</summary>
    private async Task AddBankPaymentAsync()
    {
        var seen = await Node.Operator.PostAsync("/backoffice/bank-imports", IsolationCases.BankFile);
        _things["bankPayment"] = Id(await Node.Operator.PostAsync("/backoffice/payments", new
        {
            accountId = _things["account"], receivedOn = "2026-11-01", amountMinor = 330, foreignKey = (string)seen["lines"]![0]!["key"]!, source = "bank", allocate = false,
        }));
    }
}
