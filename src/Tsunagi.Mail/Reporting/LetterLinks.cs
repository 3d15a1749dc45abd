using System.Buffers.Text;
using Tsunagi.Core.Secrets;
using Tsunagi.Core.Time;
using Tsunagi.Mail.Contract;
using Tsunagi.Mail.Quarantine.Digest;

namespace Tsunagi.Mail.Reporting;

/// <summary>What the link of a letter of ours opens, until a time.</summary>
internal interface ILetterLink
{
    string TenantPath { get; }

    string Subscription { get; }

    long ExpiresMicros { get; }
}

/// <summary>
/// Makes and reads the secret part of links in letters: a box of the tenant's own key, for one purpose, so nobody can make one or turn one into another's, and destroying the key ends all of a tenant's
/// links at once.
/// <code>
/// token = tenant id "." base64url(box)
/// </code>
/// </summary>
internal abstract class LetterLinks<TLink>(ISecretBox secrets, GatewayContracts contracts, TimeProvider time, string purpose)
    where TLink : class, ILetterLink
{
    private const int MaxCharacters = 1_500;

    protected TimeProvider Time => time;

    public async ValueTask<(LinkState State, TLink? Link)> ReadAsync(string token, CancellationToken cancellationToken)
    {
        var dot = token.IndexOf('.', StringComparison.Ordinal);
        if (token.Length > MaxCharacters || dot is < 3 or > 40 || !Base64Url.IsValid(token.AsSpan(dot + 1)))
        {
            return (LinkState.Wrong, null);
        }

        var content = await secrets.UnprotectAsync(token[..dot] + "/", purpose, Base64Url.DecodeFromChars(token.AsSpan(dot + 1)), cancellationToken);
        if (content is null || Read(content) is not { } link || LetterTenant.Of(link.TenantPath) != token[..dot])
        {
            return (LinkState.Wrong, null);
        }

        if (link.ExpiresMicros <= time.NowMicros())
        {
            return (LinkState.Expired, link);
        }

        // A tenant that was moved in the tree since then has another path.
        return (LinkState.Good, contracts.Table.BySubscription.TryGetValue(link.Subscription, out var gateway) && LetterTenant.Of(gateway.TenantPath) == token[..dot]
            ? Moved(link, gateway.TenantPath)
            : link);
    }

    /// <summary>Null when it is no content of ours.</summary>
    protected abstract TLink? Read(ReadOnlySpan<byte> content);

    /// <summary>The same link with the path that the tenant has now.</summary>
    protected abstract TLink Moved(TLink link, string tenantPath);

    protected async ValueTask<string> SealAsync(string tenantPath, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        $"{LetterTenant.Of(tenantPath)}.{Base64Url.EncodeToString(await secrets.ProtectAsync(tenantPath, purpose, content, cancellationToken))}";
}

/// <summary>The tenant a letter is about.</summary>
internal static class LetterTenant
{
    /// <summary>The last id of its path.</summary>
    public static string Of(string tenantPath)
    {
        var path = tenantPath.TrimEnd('/');
        return path[(path.LastIndexOf('/') + 1)..];
    }
}
