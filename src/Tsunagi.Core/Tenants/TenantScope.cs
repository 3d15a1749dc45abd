namespace Tsunagi.Core.Tenants;

/// <summary>
/// What part of the tenant tree a caller may see: the subtree below <paramref name="Path"/>. A path is the ids from the root down, each
/// followed by a slash ("t_a/t_b/"), so a subtree is the range [Path, Path with its last slash raised by one).
/// </summary>
public sealed record TenantScope(string TenantId, string Path)
{
    /// <summary>The first text after every path of the subtree ('0' follows '/').</summary>
    public string End => Path[..^1] + "0";

    public bool Covers(string path) => path.StartsWith(Path, StringComparison.Ordinal);
}
