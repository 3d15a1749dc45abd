using Tsunagi.Core.Outcomes;
using Tsunagi.Core.Sla;

namespace Tsunagi.Connectivity.Contract;

/// <summary>The names by which a contract says what terms it has.</summary>
internal static class SlaNames
{
    /// <summary>What a contract has that names none.</summary>
    public static readonly SlaTerms Nothing = new() { Name = "" };

    /// <summary>Null for none, and for a name that is not known.</summary>
    public static SlaTerms? Find(string name) => SlaTemplates.All.FirstOrDefault(terms => terms.Name == name);

    public static Refusal? Check(string name) => name.Length == 0 || Find(name) is not null
        ? null
        : Refusal.Invalid("connectivity.sla.terms", "settings.sla", $"there are no terms \"{name}\"", string.Join(", ", SlaTemplates.All.Select(static terms => terms.Name)) + ", or empty");
}
