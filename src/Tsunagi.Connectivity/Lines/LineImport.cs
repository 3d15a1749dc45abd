using Tsunagi.Connectivity.Contract;
using Tsunagi.Core.Store;

namespace Tsunagi.Connectivity.Lines;

/// <summary>Lines as an import compares them: with their passwords.</summary>
internal sealed class LineImport(Stores stores, LineSecrets secrets)
{
    /// <summary>The line of a user name that has not ended, whosever it is; for the provider's operators.</summary>
    public async ValueTask<(LineRow Row, LinePassword Password)?> FindByUserAsync(string userName, CancellationToken cancellationToken)
    {
        var (row, box) = await stores.Control.ReadAsync(
            async reader => (
                await reader.FirstOrDefaultAsync<LineRow>($"SELECT {LineRow.Columns} FROM connectivity_line WHERE user_name = @Name AND ended_at IS NULL", new { Name = userName }),
                await reader.FirstOrDefaultAsync<byte[]>("SELECT password_box FROM connectivity_line WHERE user_name = @Name AND ended_at IS NULL", new { Name = userName })),
            cancellationToken);
        return row is null ? null : (row, await secrets.OpenAsync(row.TenantPath, row.Form, box, cancellationToken));
    }
}
