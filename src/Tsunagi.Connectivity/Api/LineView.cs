using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Lines;

namespace Tsunagi.Connectivity.Api;

/// <summary>A line as the API tells it.</summary>
/// <param name="State">active, suspended or ended.</param>
/// <param name="SuspendedFor">Kinds of the holds in force.</param>
/// <param name="PasswordForm">How its password is kept: clear, ntHash, crypt, ssha1, …, or none.</param>
/// <param name="Serves">What it can be proved by: pap, chap, msChap, msChapV2.</param>
internal sealed record LineView(
    string Id, string TenantId, string SubscriptionId, string Name, string State, IReadOnlyList<string> SuspendedFor, string? UserName, string? CircuitId, string? RemoteId, bool CircuitProves, string? Port,
    string? SiteId, string PasswordForm, long? PasswordSetAt, IReadOnlyList<string> Serves, string? V4, string? V6, string? LinkPrefix, string? DelegatedPrefix, IReadOnlyList<string> Routes,
    IReadOnlyList<LineReply> Replies, long Version, long CreatedAt, long? EndedAt)
{
    public static LineView Of(LineRow row) => new(
        row.Id, row.TenantId, row.SubscriptionId, row.Name, row.State, row.HoldKinds, Some(row.UserName), Some(row.CircuitId), Some(row.RemoteId), row.CircuitProves, Some(row.Port), Some(row.SiteId),
        Camel(row.PasswordForm), row.PasswordSetAt, Proofs(row.Form), Some(row.V4), Some(row.V6), Some(row.LinkPrefix), Some(row.DelegatedPrefix), row.RouteList, row.ReplyList, row.Version, row.CreatedAt,
        row.EndedAt);

    internal static string? Some(string text) => text.Length > 0 ? text : null;

    internal static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    internal static IReadOnlyList<string> Proofs(LinePasswordForm form)
    {
        var serves = new LinePassword(form, []).Serves;
        return [.. ((PasswordProofs[])[PasswordProofs.Pap, PasswordProofs.Chap, PasswordProofs.MsChap, PasswordProofs.MsChapV2]).Where(proof => serves.HasFlag(proof)).Select(static proof => Camel(proof.ToString()))];
    }
}

/// <summary>A line that was set up.</summary>
/// <param name="Password">Shown this once; absent when the caller gave it, or none is asked.</param>
internal sealed record LineMadeView(LineView Line, string? Password);
