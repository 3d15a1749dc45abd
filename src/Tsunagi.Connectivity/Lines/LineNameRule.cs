using System.Text.Json;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Core.Catalogue;
using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;
using Tsunagi.Core.Subscriptions;

namespace Tsunagi.Connectivity.Lines;

/// <summary>A subscription that names its first line is refused when another line answers to that name or circuit, before anything is sold.</summary>
internal sealed class LineNameRule : ISubscriptionRule
{
    public async ValueTask<Refusal?> CheckAsync(ISqlTransaction transaction, Subscription subscription, string specification, string settings)
    {
        var (user, circuit) = specification switch
        {
            BroadbandSettings.Kind => (JsonSerializer.Deserialize<BroadbandSettings>(settings, SettingsJson.Options)!.UserName, ""),
            DedicatedSettings.Kind when JsonSerializer.Deserialize<DedicatedSettings>(settings, SettingsJson.Options) is { } dedicated => (dedicated.UserName, dedicated.CircuitId),
            _ => ("", ""),
        };
        if (user.Length > 0 && await TakenAsync(transaction, "user_name = @Name", user, subscription.Id))
        {
            return Refusal.Conflict("connectivity.line.user-name-taken", $"there is a line with the user name {user}", "settings.userName");
        }

        return circuit.Length > 0 && await TakenAsync(transaction, "circuit_id = @Name AND remote_id = ''", circuit, subscription.Id)
            ? Refusal.Conflict("connectivity.line.circuit-taken", "there is a line with this circuit and remote id", "settings.circuitId")
            : null;
    }

    private static async ValueTask<bool> TakenAsync(ISqlTransaction transaction, string what, string name, string subscription) =>
        await transaction.FirstOrDefaultAsync<string>(
            $"SELECT id FROM connectivity_line WHERE {what} AND ended_at IS NULL AND subscription_id <> @Subscription", new { Name = name, Subscription = subscription }) is not null;
}
