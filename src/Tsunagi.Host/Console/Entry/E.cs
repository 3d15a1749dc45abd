using Tsunagi.Core.Modules;

namespace Tsunagi.Host.Console.Entry;

/// <summary>The words of signing in and of one's own account.</summary>
internal static class E
{
    public static readonly LocalizedText SignIn = new("Sign in", "サインイン");
    public static readonly LocalizedText SignInLead = new("Console for operators and customers", "運用者・お客様向けコンソール");
    public static readonly LocalizedText Email = new("E-mail address", "メールアドレス");
    public static readonly LocalizedText Password = new("Password", "パスワード");
    public static readonly LocalizedText Forgot = new("Forgot it? An administrator of your organisation can send you a link to set a new one.", "お忘れの場合は、組織の管理者が再設定用のリンクを発行できます。");
    public static readonly LocalizedText Code = new("Enter the code", "確認コードの入力");
    public static readonly LocalizedText CodeLead = new("The six digits your authenticator shows now.", "認証アプリに表示されている6桁の数字を入力してください。");
    public static readonly LocalizedText CodeField = new("Code", "確認コード");
    public static readonly LocalizedText LostDevice = new("Lost the device? An administrator can remove it.", "端末を紛失した場合は管理者が解除できます。");
    public static readonly LocalizedText StartAgain = new("Start again", "最初からやり直す");
    public static readonly LocalizedText CodeTooLate = new("That took too long. Sign in again.", "時間切れです。もう一度サインインしてください。");
    public static readonly LocalizedText LinkGone = new("This link is no longer good", "このリンクは無効です");
    public static readonly LocalizedText LinkGoneHint = new("It was used already or is too old. Ask for a new one.", "使用済みか、有効期限が切れています。新しいリンクの発行を依頼してください。");
    public static readonly LocalizedText SetPassword = new("Set your password", "パスワードの設定");
    public static readonly LocalizedText SetPasswordFor = new("for {0}", "{0}");
    public static readonly LocalizedText SetAndSignIn = new("Set and sign in", "設定してサインイン");
    public static readonly LocalizedText NewPassword = new("New password", "新しいパスワード");
    public static readonly LocalizedText Again = new("The same again", "新しいパスワード(確認)");
    public static readonly LocalizedText NotTheSame = new("The two differ", "2つの入力が一致しません");
    public static readonly LocalizedText PasswordRule = new("At least {0} characters; a sentence is fine", "{0}文字以上(文章でもかまいません)");
    public static readonly LocalizedText WrongPair = new("The address or the password is wrong", "メールアドレスまたはパスワードが違います");
    public static readonly LocalizedText WrongCode = new("The code is wrong, was used already, or took too long", "確認コードが違うか、使用済みまたは期限切れです");
    public static readonly LocalizedText Throttled = new("Too many failed attempts; try again in {0} seconds", "失敗が続いたため一時的に制限しています。{0}秒後に再度お試しください");
    public static readonly LocalizedText NoRole = new("This user has no role yet; ask an administrator", "この利用者には役割がありません。管理者に連絡してください");
    public static readonly LocalizedText SignedOut = new("You are signed out", "サインアウトしました");
}
