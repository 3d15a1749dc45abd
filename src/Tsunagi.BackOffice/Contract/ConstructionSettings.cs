using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tsunagi.Core.Catalogue;

namespace Tsunagi.BackOffice.Contract;

/// <summary>Settings of one subscription to <c>backoffice.construction</c>: work done once for a customer. Nothing runs for it; it is on the bill of the month in which it begins.</summary>
public sealed record ConstructionSettings
{
    public const string Kind = "backoffice.construction";

    [MaxLength(500)]
    [Description("What is built or advised on, as the customer knows it.")]
    [Japanese("業務内容", "構築・コンサルティングの内容です。")]
    public string Work { get; init; } = "";

    [MaxLength(100)]
    [Description("The project's number in another system.")]
    [Japanese("案件番号", "他システムでの案件番号です。")]
    public string? Reference { get; init; }
}
