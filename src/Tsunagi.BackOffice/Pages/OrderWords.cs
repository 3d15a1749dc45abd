using System.Globalization;
using Tsunagi.BackOffice.Orders;
using Tsunagi.Core.Modules;
using Tsunagi.Core.Rating;
using Tsunagi.Ui.Layout;
using Tsunagi.Ui.Parts;
using Tsunagi.Ui.Tables;

namespace Tsunagi.BackOffice.Pages;

/// <summary>How the pages say what quotes and orders are.</summary>
internal static class OrderWords
{
    public static readonly LocalizedText Quotes = new("Quotes", "見積");
    public static readonly LocalizedText Orders = new("Orders", "注文");
    public static readonly LocalizedText NoSuchQuote = new("There is no such quote, or it is not yours to see", "該当する見積がないか、閲覧権限がありません");
    public static readonly LocalizedText NoSuchOrder = new("There is no such order, or it is not yours to see", "該当する注文がないか、閲覧権限がありません");

    public static LocalizedText Quote(string state) => state switch
    {
        QuoteState.Draft => new("Draft", "下書き"),
        QuoteState.Sent => new("Sent", "送付済"),
        QuoteState.Accepted => new("Accepted", "承諾"),
        QuoteState.Rejected => new("Rejected", "辞退"),
        _ => new("Expired", "期限切れ"),
    };

    public static Status QuoteStatus(string state, ConsoleView view) => new(
        state switch { QuoteState.Sent => Tone.Waiting, QuoteState.Accepted => Tone.Good, QuoteState.Rejected => Tone.Bad, _ => Tone.Neutral }, view[Quote(state)]);

    public static LocalizedText Order(string state) => state switch
    {
        OrderState.Acknowledged => new("Waiting", "実施待ち"),
        OrderState.InProgress => new("In progress", "実施中"),
        OrderState.Completed => new("Done", "完了"),
        OrderState.Partial => new("Partly done", "一部完了"),
        OrderState.Failed => new("Needs a person", "要確認"),
        _ => new("Cancelled", "取消"),
    };

    public static Status OrderStatus(string state, ConsoleView view) => new(
        state switch { OrderState.Completed => Tone.Good, OrderState.Failed => Tone.Bad, OrderState.Acknowledged or OrderState.InProgress => Tone.Waiting, _ => Tone.Neutral }, view[Order(state)]);

    public static LocalizedText Action(OrderAction action) => action switch
    {
        OrderAction.Add => new("New", "新規"),
        OrderAction.Modify => new("Change", "変更"),
        _ => new("End", "解約"),
    };

    public static LocalizedText Policy(Proration? proration) => proration switch
    {
        Proration.Immediate => new("by days", "日割り"),
        Proration.AtRenewal => new("from the next month", "翌月から"),
        Proration.Full => new("whole month", "月額全額"),
        Proration.None => new("nothing for the first month", "当月無料"),
        _ => new("as the price says", "料金表による"),
    };

    public static string Offering(OrderItem item, ConsoleView view) => view.Japanese ? item.NameJa : item.NameEn;

    public static string Number(decimal value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
