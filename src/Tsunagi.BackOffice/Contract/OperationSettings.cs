using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Tsunagi.Core.Catalogue;

namespace Tsunagi.BackOffice.Contract;

/// <summary>Settings of one subscription to <c>backoffice.operation</c>: a customer's system that the provider's people run and maintain. Nothing runs in this program for it.</summary>
public sealed record OperationSettings
{
    public const string Kind = "backoffice.operation";

    [MaxLength(500)]
    [Description("Which system is run and maintained, as the customer knows it.")]
    [Japanese("対象システム", "運用保守の対象となるシステムです。")]
    public string System { get; init; } = "";

    [MaxLength(100)]
    [Description("The contract's number in another system.")]
    [Japanese("契約番号", "他システムでの契約番号です。")]
    public string? Reference { get; init; }
}
