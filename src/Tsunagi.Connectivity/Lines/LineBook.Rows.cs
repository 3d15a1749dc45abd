using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Store;

namespace Tsunagi.Connectivity.Lines;

internal sealed partial class LineBook
{
    internal static ValueTask<int> InsertAsync(ISqlTransaction transaction, LineRow row, byte[]? box, string ending = "") => transaction.ExecuteAsync(
        $"""
        INSERT INTO connectivity_line ({LineRow.Columns}, password_box)
        VALUES (@Id, @TenantPath, @TenantId, @SubscriptionId, @Name, @UserName, @CircuitId, @RemoteId, @CircuitProves, @Port, @SiteId, @PasswordForm, @PasswordSetAt, @V4, @V6, @LinkPrefix,
          @DelegatedPrefix, @Routes, @Replies, @ExternalRefs, @Revision, @Version, @CreatedAt, @EndedAt, @Box) {ending}
        """,
        new
        {
            row.Id, row.TenantPath, row.TenantId, row.SubscriptionId, row.Name, row.UserName, row.CircuitId, row.RemoteId, CircuitProves = row.CircuitProves ? 1L : 0L, row.Port, row.SiteId, row.PasswordForm,
            row.PasswordSetAt, row.V4, row.V6, row.LinkPrefix, row.DelegatedPrefix, row.Routes, row.Replies, row.ExternalRefs, row.Revision, row.Version, row.CreatedAt, row.EndedAt, Box = box,
        });

    /// <summary>Null when the row was at this version.</summary>
    private static async ValueTask<Refusal?> UpdateAsync(ISqlTransaction transaction, LineRow row, long atVersion)
    {
        var changed = row.Version != atVersion + 1 ? 0 : await transaction.ExecuteAsync(
            """
            UPDATE connectivity_line SET name = @Name, user_name = @UserName, circuit_id = @CircuitId, remote_id = @RemoteId, circuit_proves = @CircuitProves, port = @Port, site_id = @SiteId,
              v4 = @V4, v6 = @V6, link_prefix = @LinkPrefix, delegated_prefix = @DelegatedPrefix, routes = @Routes, replies = @Replies, ended_at = @EndedAt, revision = @Revision, version = @Version
            WHERE id = @Id AND version = @Version - 1
            """,
            new
            {
                row.Id, row.Name, row.UserName, row.CircuitId, row.RemoteId, CircuitProves = row.CircuitProves ? 1L : 0L, row.Port, row.SiteId, row.V4, row.V6, row.LinkPrefix, row.DelegatedPrefix, row.Routes,
                row.Replies, row.EndedAt, row.Revision, row.Version,
            });
        return changed == 1 ? null : Refusal.Stale(await transaction.FirstOrDefaultAsync<long>("SELECT version FROM connectivity_line WHERE id = @Id", new { row.Id }));
    }

    private async ValueTask<Refusal?> CheckRoomAsync(ISqlTransaction transaction, LineRow line, long quantity)
    {
        var most = Math.Min(quantity, options.MaxPerSubscription);
        var there = await transaction.FirstOrDefaultAsync<long>("SELECT count(*) FROM connectivity_line WHERE subscription_id = @SubscriptionId AND ended_at IS NULL", new { line.SubscriptionId });
        return there >= most
            ? Refusal.Conflict("connectivity.line.quantity", $"the subscription is for {quantity} lines and has {there}: raise its quantity, or end a line", "subscriptionId")
            : await CheckNamesAsync(transaction, line);
    }

    /// <summary>Nobody else's line may answer to the same name or circuit. What the others are is not told.</summary>
    internal static async ValueTask<Refusal?> CheckNamesAsync(ISqlTransaction transaction, LineRow line)
    {
        if (line.UserName.Length > 0 && await transaction.FirstOrDefaultAsync<string>(
            "SELECT id FROM connectivity_line WHERE user_name = @UserName AND ended_at IS NULL AND id <> @Id", new { line.UserName, line.Id }) is not null)
        {
            return Refusal.Conflict("connectivity.line.user-name-taken", $"there is a line with the user name {line.UserName}", "userName");
        }

        return line.CircuitId.Length + line.RemoteId.Length > 0 && await transaction.FirstOrDefaultAsync<string>(
            "SELECT id FROM connectivity_line WHERE circuit_id = @CircuitId AND remote_id = @RemoteId AND ended_at IS NULL AND id <> @Id", new { line.CircuitId, line.RemoteId, line.Id }) is not null
            ? Refusal.Conflict("connectivity.line.circuit-taken", "there is a line with this circuit and remote id", "circuitId")
            : null;
    }
}
