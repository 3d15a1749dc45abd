using Tsunagi.Core.Modules;

namespace Tsunagi.Core.Catalogue;

/// <summary>The four categories of a provider's portfolio. Each plan is in one; the provider's revenue is told by them.</summary>
public enum OfferingCategory
{
    /// <summary>Lines and their addresses.</summary>
    Connectivity,

    /// <summary>What runs on a connection: mail, protection, managed routers, storage, hosting.</summary>
    ValueAdded,

    /// <summary>Work done once: consulting, building a network or a system.</summary>
    Construction,

    /// <summary>Running and maintaining a customer's system, month by month.</summary>
    Operation,
}

/// <summary>How the categories are called by people and in the store.</summary>
public static class OfferingCategories
{
    public static readonly IReadOnlyList<OfferingCategory> All = Enum.GetValues<OfferingCategory>();

    /// <summary>The word in the API, in files and in the store ("valueAdded").</summary>
    public static string Word(this OfferingCategory category) => category switch
    {
        OfferingCategory.Connectivity => "connectivity",
        OfferingCategory.ValueAdded => "valueAdded",
        OfferingCategory.Construction => "construction",
        OfferingCategory.Operation => "operation",
        _ => throw new ArgumentOutOfRangeException(nameof(category), category, "there is no such category"),
    };

    /// <summary>The category of a word, or null.</summary>
    public static OfferingCategory? Find(string? word) => word switch
    {
        "connectivity" => OfferingCategory.Connectivity,
        "valueAdded" => OfferingCategory.ValueAdded,
        "construction" => OfferingCategory.Construction,
        "operation" => OfferingCategory.Operation,
        _ => null,
    };

    public static LocalizedText Name(this OfferingCategory category) => category switch
    {
        OfferingCategory.Connectivity => new("Internet connectivity", "インターネット接続"),
        OfferingCategory.ValueAdded => new("Value-added services", "付加価値サービス"),
        OfferingCategory.Construction => new("System construction", "システム構築"),
        _ => new("System operation", "システム運用保守"),
    };
}
