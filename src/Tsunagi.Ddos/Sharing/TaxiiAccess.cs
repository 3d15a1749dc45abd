using System.Text;
using Microsoft.AspNetCore.Http;
using Tsunagi.Core.Identity;

namespace Tsunagi.Ddos.Sharing;

/// <summary>
/// Who asks our TAXII server: an API token that an operator made and that may use it, sent as Bearer, or as the password of Basic by clients that know nothing else (the user name is not looked at). What it may do with a collection stands in
/// the group's readers and writers, by the token's name or id. A session of the console is nobody here.
/// </summary>
internal sealed class TaxiiAccess(Callers callers)
{
    private const string Bearer = "Bearer ";
    private const string Basic = "Basic ";

    /// <summary>Null when nobody may come in.</summary>
    public async ValueTask<TaxiiAsker?> FindAsync(HttpContext context)
    {
        if (TokenOf(context.Request.Headers.Authorization.ToString()) is not { } token || await callers.FromTokenAsync(token, context.RequestAborted) is not { } who)
        {
            return null;
        }

        var caller = who.Caller;
        return caller.IsOperator && caller.May(DdosPermissions.TaxiiUse) ? new TaxiiAsker(caller.ActorId, caller.ActorName) : null;
    }

    internal static string? TokenOf(string authorization)
    {
        if (authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return authorization[Bearer.Length..].Trim();
        }

        if (!authorization.StartsWith(Basic, StringComparison.OrdinalIgnoreCase) || authorization.Length > 4_000)
        {
            return null;
        }

        var octets = new byte[authorization.Length];
        if (!Convert.TryFromBase64String(authorization[Basic.Length..].Trim(), octets, out var written))
        {
            return null;
        }

        var pair = Encoding.UTF8.GetString(octets, 0, written);
        var colon = pair.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : pair[(colon + 1)..];
    }
}

/// <summary>A client of our TAXII server.</summary>
internal sealed record TaxiiAsker(string Id, string Name)
{
    public bool MayRead(SharingGroup group) => Names(group.Readers);

    public bool MayWrite(SharingGroup group) => Names(group.Writers);

    private bool Names(IReadOnlyList<string> tokens) => tokens.Contains(Id) || tokens.Contains(Name);
}
