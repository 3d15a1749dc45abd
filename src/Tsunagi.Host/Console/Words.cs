using Tsunagi.Core.Events;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Proof;
using Tsunagi.Core.Subscriptions;
using Tsunagi.Core.Tenants;
using Tsunagi.Ui.Layout;
using Tsunagi.Ui.Parts;

namespace Tsunagi.Host.Console;

/// <summary>How the nouns' own words (kinds, states, severities) are said to people, and with which tone and icon.</summary>
internal static class Words
{
    public static LocalizedText OfTenantKind(string kind) => kind switch
    {
        TenantKind.Provider => new("Provider", "事業者"),
        TenantKind.Reseller => new("Reseller", "販売パートナー"),
        TenantKind.Customer => new("Customer", "顧客"),
        TenantKind.Department => new("Department", "部門"),
        _ => new(kind, kind),
    };

    public static string IconOfTenantKind(string kind) => kind switch
    {
        TenantKind.Provider => "building-skyscraper",
        TenantKind.Reseller => "building-community",
        TenantKind.Department => "users-group",
        _ => "building",
    };

    public static LocalizedText OfHold(string kind) => kind switch
    {
        HoldKind.NonPayment => new("Non-payment", "料金未払い"),
        HoldKind.Abuse => new("Abuse", "不正利用"),
        HoldKind.Customer => new("Customer's wish", "お客様のご希望"),
        HoldKind.Technical => new("Technical", "技術的理由"),
        _ => new(kind, kind),
    };

    public static LocalizedText OfContactRole(string role) => role switch
    {
        "administrative" => new("Administrative", "契約担当"),
        "technical" => new("Technical", "技術担当"),
        "billing" => new("Billing", "請求担当"),
        "security" => new("Security", "セキュリティ担当"),
        "emergency" => new("Emergency", "緊急連絡先"),
        _ => new(role, role),
    };

    public static Status OfSeverity(EventSeverity severity, ConsoleView view) => severity switch
    {
        EventSeverity.Error => new(Tone.Bad, view[new("Error", "障害")]),
        EventSeverity.Warning => new(Tone.Warning, view[new("Warning", "警告")]),
        EventSeverity.Notice => new(Tone.Info, view[new("Notice", "通知")]),
        _ => new(Tone.Neutral, view[new("Info", "情報")]),
    };

    public static Status OfProof(string state, ConsoleView view) => state switch
    {
        ProofState.Proved => new(Tone.Good, view[new("Proved", "確認済み")]),
        ProofState.Claimed => new(Tone.Waiting, view[new("Awaiting proof", "確認待ち")]),
        _ => new(Tone.Neutral, view[new("Resting", "返上・待機中")]),
    };

    /// <summary>The sentence of an event type without its full stop, for lists.</summary>
    public static string OfEvent(EventCatalogue catalogue, string type, ConsoleView view) =>
        catalogue.Find(type) is { } declared ? view[declared.Meaning].TrimEnd('.', '。') : type;
}
