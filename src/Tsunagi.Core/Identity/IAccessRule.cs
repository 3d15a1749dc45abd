namespace Tsunagi.Core.Identity;

/// <summary>
/// Who may come in: metadata of every endpoint and page. One without a rule is closed to everyone, and the architecture test lists it.
/// </summary>
public interface IAccessRule
{
    /// <summary>The permission asked for, or null when being signed in is enough.</summary>
    string? Permission { get; }

    /// <summary>True when nobody need be signed in.</summary>
    bool Anonymous { get; }
}
