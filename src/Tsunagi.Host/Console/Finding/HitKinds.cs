using Tsunagi.Core.Modules;

namespace Tsunagi.Host.Console.Finding;

/// <summary>How a kind of search hit is called.</summary>
internal static class HitKinds
{
    public static LocalizedText NameOf(string kind) => kind switch
    {
        "tenant" => new("Customers", "顧客"),
        "subscription" => new("Contracts", "契約"),
        "domain" => new("Domains", "ドメイン"),
        "contact" => new("Contacts", "連絡先"),
        "prefix" => new("Address blocks", "アドレスブロック"),
        "event" => new("Events", "イベント"),
        "line" => new("Lines", "回線"),
        "message" => new("Messages", "メール"),
        "user" => new("Users", "利用者"),
        "invoice" => new("Invoices", "請求書"),
        "billing-account" => new("Billing accounts", "請求先"),
        _ => new(kind, kind),
    };

    public static string IconOf(string kind) => kind switch
    {
        "tenant" => "building",
        "subscription" => "package",
        "domain" => "world-www",
        "contact" => "user",
        "prefix" => "network",
        "event" => "timeline-event",
        "line" => "plug-connected",
        "message" => "mail",
        "user" => "user-circle",
        "invoice" => "file-invoice",
        "billing-account" => "building",
        _ => "point",
    };
}
