using Tsunagi.Core.Modules;

namespace Tsunagi.BackOffice.Dunning;

/// <summary>How pages, refusals and the API say why a step waits.</summary>
internal static class DunningWords
{
    public static LocalizedText Of(DunningBlock block) => block switch
    {
        DunningBlock.RestDay => new("today is a rest day or a holiday, or the day before one", "休業日・祝日、またはその前日のため"),
        DunningBlock.NoCalendar => new("no holidays are entered for this year", "今年の祝日が未登録のため"),
        DunningBlock.BankStale => new("the bank's files are too old: the payment may be there", "銀行明細の取込が古く、入金済みの可能性があるため"),
        DunningBlock.PerhapsPaid => new("a booking of the bank that waits for a person may be its payment", "未処理の入金明細が、この請求先の入金である可能性があるため"),
        DunningBlock.NeverSuspend => new("this account is never suspended", "利用停止の対象外に設定されているため"),
        DunningBlock.NoAddress => new("no address is known for its letter", "通知の宛先が未登録のため"),
        _ => new("the letter of the stage before has not gone out", "前段階の通知が未送信のため"),
    };

    /// <summary>For programs.</summary>
    public static string Word(DunningBlock block) => block switch
    {
        DunningBlock.RestDay => "restDay",
        DunningBlock.NoCalendar => "noCalendar",
        DunningBlock.BankStale => "bankStale",
        DunningBlock.PerhapsPaid => "perhapsPaid",
        DunningBlock.NeverSuspend => "neverSuspend",
        DunningBlock.NoAddress => "noAddress",
        _ => "letterWaits",
    };
}
