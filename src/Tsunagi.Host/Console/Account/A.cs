using Tsunagi.Core.Modules;

namespace Tsunagi.Host.Console.Account;

/// <summary>The words of one's own settings.</summary>
internal static class A
{
    public static readonly LocalizedText Settings = new("Your settings", "個人設定");
    public static readonly LocalizedText Profile = new("Profile", "プロフィール");
    public static readonly LocalizedText Password = new("Password", "パスワード");
    public static readonly LocalizedText Current = new("Present password", "現在のパスワード");
    public static readonly LocalizedText ChangePassword = new("Change the password", "パスワードを変更");
    public static readonly LocalizedText PasswordChanged = new("The password is changed; every other session has ended", "パスワードを変更しました。他のセッションは終了しました");
    public static readonly LocalizedText Factor = new("Second factor", "二要素認証");
    public static readonly LocalizedText FactorOn = new("On: signing in asks for a code of your authenticator.", "有効です。サインイン時に認証アプリの確認コードを求めます。");
    public static readonly LocalizedText FactorOff = new("Off: the password alone opens your account. Set up an authenticator app to make it safe.", "無効です。パスワードだけでサインインできてしまいます。認証アプリの設定をお勧めします。");
    public static readonly LocalizedText SetUp = new("Set up an authenticator", "認証アプリを設定");
    public static readonly LocalizedText Replace = new("Replace it", "再設定");
    public static readonly LocalizedText Remove = new("Remove it", "解除");
    public static readonly LocalizedText RemoveTitle = new("Remove the second factor?", "二要素認証を解除しますか");
    public static readonly LocalizedText RemoveEffect = new("The password alone opens your account.", "パスワードだけでサインインできる状態になります。");
    public static readonly LocalizedText Removed = new("The second factor is off", "二要素認証を解除しました");
    public static readonly LocalizedText Scan = new("Scan this with your authenticator", "認証アプリで読み取ってください");
    public static readonly LocalizedText ScanLead = new("Any TOTP app does. If it has no camera, type the secret.", "TOTP対応アプリであれば利用できます。カメラがない場合は秘密鍵を入力してください。");
    public static readonly LocalizedText Secret = new("Secret", "秘密鍵");
    public static readonly LocalizedText ThenCode = new("Then enter the six digits it shows", "表示された6桁の数字を入力してください");
    public static readonly LocalizedText Confirm = new("Switch it on", "有効にする");
    public static readonly LocalizedText Confirmed = new("The second factor is on", "二要素認証を有効にしました");
    public static readonly LocalizedText TooLate = new("That took too long. Begin again.", "時間切れです。最初からやり直してください。");
    public static readonly LocalizedText Sessions = new("Where you are signed in", "サインイン中の端末");
    public static readonly LocalizedText ThisOne = new("this one", "この端末");
    public static readonly LocalizedText EndSession = new("End", "終了");
    public static readonly LocalizedText SessionEnded = new("The session has ended", "セッションを終了しました");
    public static readonly LocalizedText Saved = new("Saved", "保存しました");
}
