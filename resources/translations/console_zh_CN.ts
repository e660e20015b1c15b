<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>AccountBox</name>
    <message>
        <source>New password</source>
        <translation>新密码</translation>
    </message>
    <message>
        <source>New password, at least 10 characters</source>
        <translation>新密码，至少 10 位</translation>
    </message>
    <message>
        <source>Make one</source>
        <translation>生成密码</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Set password</source>
        <translation>设置密码</translation>
    </message>
    <message>
        <source>Account</source>
        <translation>账号</translation>
    </message>
    <message>
        <source>Give the post a login and save it; then it can get a password.</source>
        <translation>请先填写登录名并保存，然后设置密码。</translation>
    </message>
    <message>
        <source>It can sign in as soon as it has a password.</source>
        <translation>设置密码后即可登录。</translation>
    </message>
    <message>
        <source>The post is not active: nobody can sign in with this login.</source>
        <translation>该岗位已停用，此登录名无法登录。</translation>
    </message>
    <message>
        <source>The server uses this name for something else; choose another login.</source>
        <translation>服务器已将此名称用作他途，请另选登录名。</translation>
    </message>
    <message>
        <source>Setting a password puts its rights right.</source>
        <translation>重新设置密码即可恢复应有权限。</translation>
    </message>
    <message>
        <source>Save the changes of the post first.</source>
        <translation>请先保存该岗位的修改。</translation>
    </message>
    <message>
        <source>Lock</source>
        <translation>锁定</translation>
    </message>
    <message>
        <source>Unlock</source>
        <translation>解锁</translation>
    </message>
    <message>
        <source>{login} can sign in now.</source>
        <translation>{login} 现在可以登录。</translation>
    </message>
    <message>
        <source>{login} has a new password.</source>
        <translation>{login} 的密码已重设。</translation>
    </message>
</context>
<context>
    <name>AlarmBar</name>
    <message>
        <source>Most urgent alarm</source>
        <translation>最紧急的报警</translation>
    </message>
    <message>
        <source>All alarms that stand</source>
        <translation>全部未消除报警</translation>
    </message>
    <message>
        <source>The alarms of this desk are muted</source>
        <translation>本席位报警已静音</translation>
    </message>
    <message>
        <source>Unacknowledged</source>
        <translation>未确认</translation>
    </message>
    <message>
        <source>Acknowledged</source>
        <translation>已确认</translation>
    </message>
</context>
<context>
    <name>AlarmBoard</name>
    <message>
        <source>Search …</source>
        <translation>查找…</translation>
    </message>
    <message>
        <source>All alarms that stand</source>
        <translation>全部未消报警</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Since</source>
        <translation>开始</translation>
    </message>
    <message>
        <source>Where</source>
        <translation>对象</translation>
    </message>
    <message>
        <source>What</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>Kind of alarm</source>
        <translation>报警种类</translation>
    </message>
    <message>
        <source>All kinds</source>
        <translation>全部种类</translation>
    </message>
    <message>
        <source>Search in the alarms</source>
        <translation>在报警中查找</translation>
    </message>
    <message>
        <source>Alarms: {state}</source>
        <translation>报警：{state}</translation>
    </message>
    <message>
        <source>Standing</source>
        <translation>未消</translation>
    </message>
    <message>
        <source>Unacknowledged</source>
        <translation>未确认</translation>
    </message>
    <message>
        <source>Acknowledged</source>
        <translation>已确认</translation>
    </message>
    <message>
        <source>To be reset</source>
        <translation>待复位</translation>
    </message>
    <message>
        <source>Set aside</source>
        <translation>已搁置</translation>
    </message>
    <message>
        <source>{n} alarms stand</source>
        <translation>未消报警 {n} 条</translation>
    </message>
    <message>
        <source>1 alarm stands</source>
        <translation>未消报警 1 条</translation>
    </message>
    <message>
        <source>the first {n} are listed</source>
        <translation>列出前 {n} 条</translation>
    </message>
    <message>
        <source>{n} unacknowledged</source>
        <translation>未确认 {n} 条</translation>
    </message>
    <message>
        <source>No alarm fits these filters.</source>
        <translation>没有符合筛选的报警。</translation>
    </message>
    <message>
        <source>No alarm stands.</source>
        <translation>没有未消报警。</translation>
    </message>
</context>
<context>
    <name>AlarmDetail</name>
    <message>
        <source>What to do</source>
        <translation>处置指引</translation>
    </message>
    <message>
        <source>History</source>
        <translation>经过</translation>
    </message>
    <message>
        <source>Acknowledge</source>
        <translation>确认</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>复位</translation>
    </message>
    <message>
        <source>Shelve …</source>
        <translation>搁置…</translation>
    </message>
    <message>
        <source>Show again</source>
        <translation>取消搁置</translation>
    </message>
    <message>
        <source>Out of service …</source>
        <translation>停用…</translation>
    </message>
    <message>
        <source>Back in service</source>
        <translation>恢复使用</translation>
    </message>
    <message>
        <source>Make a case …</source>
        <translation>转为案件…</translation>
    </message>
    <message>
        <source>Show its case</source>
        <translation>查看案件</translation>
    </message>
    <message>
        <source>Evidence as PDF …</source>
        <translation>证据单 PDF …</translation>
    </message>
    <message>
        <source>No alarm is chosen.</source>
        <translation>没有选择报警。</translation>
    </message>
    <message>
        <source>Action</source>
        <translation>操作</translation>
    </message>
    <message>
        <source>No rule is kept for this alarm: ask the shift leader.</source>
        <translation>此报警没有规则：请询问值班长。</translation>
    </message>
    <message>
        <source>Since</source>
        <translation>开始</translation>
    </message>
    <message>
        <source>First</source>
        <translation>首发</translation>
    </message>
    <message>
        <source>and {n} more</source>
        <translation>另有 {n} 条</translation>
    </message>
    <message>
        <source>Acknowledged</source>
        <translation>已确认</translation>
    </message>
    <message>
        <source>Over since</source>
        <translation>已恢复</translation>
    </message>
    <message>
        <source>Case</source>
        <translation>案件</translation>
    </message>
    <message>
        <source>Comes back</source>
        <translation>到期</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>Cause</source>
        <translation>起因</translation>
    </message>
    <message>
        <source>Consequence</source>
        <translation>后果</translation>
    </message>
</context>
<context>
    <name>AlarmFigures</name>
    <message>
        <source>Period</source>
        <translation>时段</translation>
    </message>
    <message>
        <source>24 hours</source>
        <translation>24 小时</translation>
    </message>
    <message>
        <source>7 days</source>
        <translation>7 天</translation>
    </message>
    <message>
        <source>30 days</source>
        <translation>30 天</translation>
    </message>
    <message>
        <source>Close  (Esc)</source>
        <translation>关闭  (Esc)</translation>
    </message>
    <message>
        <source>Alarm performance</source>
        <translation>报警绩效</translation>
    </message>
    <message>
        <source>What is behind the figures</source>
        <translation>指标明细</translation>
    </message>
    <message>
        <source>Most in 10 min over time; the line is the limit</source>
        <translation>各时段 10 分钟最多报警数（横线为限值）</translation>
    </message>
    <message>
        <source>Figure</source>
        <translation>指标</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>数值</translation>
    </message>
    <message>
        <source>Limit</source>
        <translation>限值</translation>
    </message>
    <message>
        <source>Alarm</source>
        <translation>报警</translation>
    </message>
    <message>
        <source>Where</source>
        <translation>对象</translation>
    </message>
    <message>
        <source>Number</source>
        <translation>次数</translation>
    </message>
    <message>
        <source>Most frequent {n}</source>
        <translation>最频繁 {n}</translation>
    </message>
    <message>
        <source>Floods {n}</source>
        <translation>报警泛滥 {n}</translation>
    </message>
    <message>
        <source>Stale {n}</source>
        <translation>长期未消除 {n}</translation>
    </message>
    <message>
        <source>Chattering {n}</source>
        <translation>反复跳变 {n}</translation>
    </message>
    <message>
        <source>at most {n} in 10 min</source>
        <translation>10 分钟最多 {n} 次</translation>
    </message>
    <message>
        <source>for {time}</source>
        <translation>已 {time}</translation>
    </message>
    <message>
        <source>at most {n}</source>
        <translation>不超过 {n}</translation>
    </message>
    <message>
        <source>Alarms per 10 min at each desk, average</source>
        <translation>每席位每 10 分钟报警数，平均</translation>
    </message>
    <message>
        <source>Alarms per day at each desk, average</source>
        <translation>每席每日平均报警数</translation>
    </message>
    <message>
        <source>Most alarms in 10 min</source>
        <translation>10 分钟内最多报警数</translation>
    </message>
    <message>
        <source>Share of time in flood (over 10 in 10 min)</source>
        <translation>报警泛滥时间占比（10 分钟超过 10 条）</translation>
    </message>
    <message>
        <source>Stale now (over 24 h)</source>
        <translation>当前滞留报警（超过 24 小时）</translation>
    </message>
    <message>
        <source>under {n}</source>
        <translation>少于 {n}</translation>
    </message>
    <message>
        <source>Chattering (3 times in a minute)</source>
        <translation>抖动报警（1 分钟内 3 次）</translation>
    </message>
    <message>
        <source>none</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Share of the ten most frequent</source>
        <translation>前十位报警占比</translation>
    </message>
    <message>
        <source>Priority {name}</source>
        <translation>优先级 {name}</translation>
    </message>
    <message>
        <source>about {n}</source>
        <translation>约 {n}</translation>
    </message>
    <message>
        <source>Time until acknowledged, median</source>
        <translation>确认用时，中位数</translation>
    </message>
    <message>
        <source>Time until acknowledged, 95 % within</source>
        <translation>确认用时，95 % 以内</translation>
    </message>
</context>
<context>
    <name>AlarmRulesWorkspace</name>
    <message>
        <source>Alarm rules</source>
        <translation>报警规则</translation>
    </message>
    <message>
        <source>Search in the rules</source>
        <translation>搜索规则</translation>
    </message>
    <message>
        <source>Try the rule on the past</source>
        <translation>用历史数据试算规则</translation>
    </message>
    <message>
        <source>Stop the trial</source>
        <translation>停止试算</translation>
    </message>
    <message>
        <source>All alarms of the trial on the map</source>
        <translation>在地图上显示试算的全部报警</translation>
    </message>
    <message>
        <source>Look through the changed rules and save them</source>
        <translation>核对并保存改动的规则</translation>
    </message>
    <message>
        <source>{n} rules are saved.</source>
        <translation>已保存 {n} 条规则。</translation>
    </message>
</context>
<context>
    <name>Alarms</name>
    <message>
        <source>Alarms</source>
        <translation>报警</translation>
    </message>
    <message>
        <source>Go to the most urgent alarm</source>
        <translation>转到最紧急的报警</translation>
    </message>
    <message>
        <source>All alarms that stand</source>
        <translation>全部未消除报警</translation>
    </message>
    <message>
        <source>Acknowledge the alarm</source>
        <translation>确认报警</translation>
    </message>
    <message>
        <source>Reset the latched alarm</source>
        <translation>复位锁存的报警</translation>
    </message>
    <message>
        <source>Shelve the alarm for a while</source>
        <translation>暂时搁置报警</translation>
    </message>
    <message>
        <source>Show the shelved alarm again</source>
        <translation>取消搁置</translation>
    </message>
    <message>
        <source>Out of service, or back in service</source>
        <translation>停用或恢复使用</translation>
    </message>
    <message>
        <source>Make a case of the alarm, or show its case</source>
        <translation>报警转为案件，或查看其案件</translation>
    </message>
    <message>
        <source>Mute the alarms of this desk</source>
        <translation>本席位报警静音</translation>
    </message>
    <message>
        <source>From the alarm of {time}: {who}</source>
        <translation>来自 {time} 的报警：{who}</translation>
    </message>
</context>
<context>
    <name>AsOfLine</name>
    <message>
        <source>Back to now</source>
        <translation>返回当前</translation>
    </message>
    <message>
        <source>As it was at {time}</source>
        <translation>{time} 时的情况</translation>
    </message>
</context>
<context>
    <name>Attaching</name>
    <message>
        <source>Case</source>
        <translation>案件</translation>
    </message>
    <message>
        <source>Add files to the evidence</source>
        <translation>添加附件</translation>
    </message>
    <message>
        <source>Paste a picture or files as evidence</source>
        <translation>粘贴图片或文件为附件</translation>
    </message>
    <message>
        <source>Attach the files that wait</source>
        <translation>上传待传附件</translation>
    </message>
</context>
<context>
    <name>AuditEntryPanel</name>
    <message>
        <source>Entry</source>
        <translation>条目</translation>
    </message>
    <message>
        <source>Choose an entry in the table.</source>
        <translation>请在表格中选择一条。</translation>
    </message>
    <message>
        <source>not sealed yet</source>
        <translation>尚未封链</translation>
    </message>
    <message>
        <source>place {n} of {day}, link {link}</source>
        <translation>{day} 第 {n} 条，链值 {link}</translation>
    </message>
    <message>
        <source>When</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Who</source>
        <translation>人员</translation>
    </message>
    <message>
        <source>From</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>What</source>
        <translation>操作</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>键</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>Number</source>
        <translation>编号</translation>
    </message>
    <message>
        <source>Chain</source>
        <translation>审计链</translation>
    </message>
    <message>
        <source>Breach</source>
        <translation>异常</translation>
    </message>
</context>
<context>
    <name>AuditPage</name>
    <message>
        <source>Who did what</source>
        <translation>操作记录</translation>
    </message>
    <message>
        <source>Person</source>
        <translation>人员</translation>
    </message>
    <message>
        <source>Everybody</source>
        <translation>全部人员</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>表</translation>
    </message>
    <message>
        <source>All tables</source>
        <translation>全部表</translation>
    </message>
    <message>
        <source>Search in keys, reasons, old and new values …</source>
        <translation>在键、原因、新旧值中搜索 …</translation>
    </message>
    <message>
        <source>Copy head</source>
        <translation>复制链头</translation>
    </message>
    <message>
        <source>Copies day, number of entries and head, to be kept outside of the server</source>
        <translation>复制日期、条数和链头，以便在服务器之外留存</translation>
    </message>
    <message>
        <source>When</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Who</source>
        <translation>人员</translation>
    </message>
    <message>
        <source>What</source>
        <translation>操作</translation>
    </message>
    <message>
        <source>Entry</source>
        <translation>条目</translation>
    </message>
    <message>
        <source>Changes</source>
        <translation>变更</translation>
    </message>
    <message>
        <source>From</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>Chain</source>
        <translation>审计链</translation>
    </message>
    <message>
        <source>Audit trail</source>
        <translation>审计记录</translation>
    </message>
    <message>
        <source>The head of {day} is on the clipboard.</source>
        <translation>{day} 的链头已复制到剪贴板。</translation>
    </message>
    <message>
        <source>{n} entries</source>
        <translation>{n} 条</translation>
    </message>
    <message>
        <source>1 entry</source>
        <translation>1 条</translation>
    </message>
    <message>
        <source>the newest {shown} of {n} entries</source>
        <translation>共 {n} 条，显示最新 {shown} 条</translation>
    </message>
    <message>
        <source>Nothing was done on this day.</source>
        <translation>当日没有操作。</translation>
    </message>
    <message>
        <source>Nothing fits. Ask for less.</source>
        <translation>没有符合条件的记录，请放宽条件。</translation>
    </message>
    <message>
        <source>The chain of this day is broken: {named}</source>
        <translation>当日审计链已被破坏：{named}</translation>
    </message>
    <message>
        <source>Choose a day to see whether its chain holds.</source>
        <translation>选择某一天可查看其审计链是否完好。</translation>
    </message>
    <message>
        <source>Nothing of this day is sealed yet.</source>
        <translation>当日尚无封链记录。</translation>
    </message>
    <message>
        <source>The chain holds. Head of the day (entries: {n}): {head}</source>
        <translation>审计链完好。当日共 {n} 条，链头：{head}</translation>
    </message>
    <message>
        <source>The chain holds; the day goes on. Head so far (entries: {n}): {head}</source>
        <translation>审计链完好，当日尚未结束。已封 {n} 条，链头：{head}</translation>
    </message>
    <message>
        <source>not sealed yet</source>
        <translation>尚未封链</translation>
    </message>
</context>
<context>
    <name>AuditWorkspace</name>
    <message>
        <source>Search in the audit trail</source>
        <translation>搜索审计记录</translation>
    </message>
    <message>
        <source>Audit</source>
        <translation>审计</translation>
    </message>
    <message>
        <source>Check the chain of all days</source>
        <translation>核验全部日期的审计链</translation>
    </message>
    <message>
        <source>Copy the head of the day</source>
        <translation>复制当日链头</translation>
    </message>
</context>
<context>
    <name>BaseMap</name>
    <message>
        <source>Base map not reachable</source>
        <translation>底图无法访问</translation>
    </message>
</context>
<context>
    <name>BaseMapForm</name>
    <message>
        <source>None</source>
        <translation>无</translation>
    </message>
    <message>
        <source>Local file (MBTiles)</source>
        <translation>本地文件（MBTiles）</translation>
    </message>
    <message>
        <source>Tile service (XYZ or WMTS)</source>
        <translation>瓦片服务（XYZ 或 WMTS）</translation>
    </message>
    <message>
        <source>Tianditu, streets</source>
        <translation>天地图·矢量</translation>
    </message>
    <message>
        <source>Tianditu, aerial pictures</source>
        <translation>天地图·影像</translation>
    </message>
    <message>
        <source>Tianditu, terrain</source>
        <translation>天地图·地形</translation>
    </message>
    <message>
        <source>Base map</source>
        <translation>底图</translation>
    </message>
    <message>
        <source>Choose …</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Key of the service</source>
        <translation>服务密钥</translation>
    </message>
    <message>
        <source>Its tiles are shifted (GCJ-02)</source>
        <translation>瓦片有偏移（GCJ-02）</translation>
    </message>
    <message>
        <source>Opacity</source>
        <translation>不透明度</translation>
    </message>
    <message>
        <source>Use  Enter</source>
        <translation>使用  Enter</translation>
    </message>
    <message>
        <source>Close  Esc</source>
        <translation>关闭  Esc</translation>
    </message>
    <message>
        <source>Where</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>密钥</translation>
    </message>
    <message>
        <source>Path of the file</source>
        <translation>文件路径</translation>
    </message>
    <message>
        <source>Say where it is.</source>
        <translation>请填写位置。</translation>
    </message>
</context>
<context>
    <name>BaseMaps</name>
    <message>
        <source>Base map</source>
        <translation>底图</translation>
    </message>
</context>
<context>
    <name>BatchBar</name>
    <message>
        <source>Take the marks off</source>
        <translation>取消勾选</translation>
    </message>
    <message>
        <source>Nothing can be done with these cases together from your post.</source>
        <translation>您的岗位对这些案件没有可批量办理的环节。</translation>
    </message>
    <message>
        <source>Marked cases: {move}</source>
        <translation>勾选的案件：{move}</translation>
    </message>
    <message>
        <source>{n} cases marked</source>
        <translation>已勾选 {n} 件</translation>
    </message>
    <message>
        <source>1 case marked</source>
        <translation>已勾选 1 件</translation>
    </message>
    <message>
        <source>{move}: {n} cases</source>
        <translation>{move}：{n} 件</translation>
    </message>
    <message>
        <source>{move}: 1 case</source>
        <translation>{move}：1 件</translation>
    </message>
    <message>
        <source>Preview  Enter</source>
        <translation>预览  Enter</translation>
    </message>
    <message>
        <source>Filing condition: as each case proposes, or one for all</source>
        <translation>立案条件：留空则按各案拟定，或统一指定</translation>
    </message>
    <message>
        <source>Class: as each case has it, or one for all</source>
        <translation>小类：留空则按各案登记，或统一指定</translation>
    </message>
    <message>
        <source>Department: as each case proposes, or one for all</source>
        <translation>处置部门：留空则按各案推荐，或统一指定</translation>
    </message>
    <message>
        <source>{outcome} · due {time}</source>
        <translation>{outcome} · 截止 {time}</translation>
    </message>
    <message>
        <source>Stop  Esc</source>
        <translation>停止  Esc</translation>
    </message>
    <message>
        <source>{n} of {total}</source>
        <translation>{n} / {total}</translation>
    </message>
    <message>
        <source>{n} can be moved</source>
        <translation>可办理 {n} 件</translation>
    </message>
    <message>
        <source>{n} moved</source>
        <translation>已办理 {n} 件</translation>
    </message>
    <message>
        <source>{moved}, {n} refused</source>
        <translation>{moved}，{n} 件未通过</translation>
    </message>
    <message>
        <source>Go on with {n}  Enter</source>
        <translation>继续办理其余 {n} 件  Enter</translation>
    </message>
    <message>
        <source>Back  Esc</source>
        <translation>返回  Esc</translation>
    </message>
    <message>
        <source>Close  Esc</source>
        <translation>关闭  Esc</translation>
    </message>
    <message>
        <source>{move}: {n} cases  Enter</source>
        <translation>{move} {n} 件  Enter</translation>
    </message>
    <message>
        <source>{move}: 1 case  Enter</source>
        <translation>{move}：1 件  Enter</translation>
    </message>
    <message>
        <source>Close  Enter</source>
        <translation>关闭  Enter</translation>
    </message>
</context>
<context>
    <name>CasePrint</name>
    <message>
        <source>Case file</source>
        <translation>案卷</translation>
    </message>
    <message>
        <source>Case file as PDF</source>
        <translation>案卷存为 PDF</translation>
    </message>
    <message>
        <source>Print the case file</source>
        <translation>打印案卷</translation>
    </message>
    <message>
        <source>Case file {number}</source>
        <translation>案卷 {number}</translation>
    </message>
    <message>
        <source>the printer</source>
        <translation>打印机</translation>
    </message>
    <message>
        <source>A case file is being made already: wait for it.</source>
        <translation>正在生成另一份案卷，请稍候。</translation>
    </message>
    <message>
        <source>Choose a case first: its file is what is printed.</source>
        <translation>请先选择一个案件，再打印其案卷。</translation>
    </message>
    <message>
        <source>The case is not there any more, or not yours to see.</source>
        <translation>该案件已不存在，或您无权查看。</translation>
    </message>
    <message>
        <source>The file of case {number} went to {goal}, pages: {n}.</source>
        <translation>案件 {number} 的案卷已输出到 {goal}，共 {n} 页。</translation>
    </message>
    <message>
        <source>Photos that could not be shown in the file of case {number}: {n}. It says there why.</source>
        <translation>案件 {number} 的案卷中有 {n} 张照片无法显示，原因已注明在案卷中。</translation>
    </message>
</context>
<context>
    <name>CommandField</name>
    <message>
        <source>Command, case, address, manhole, plate …</source>
        <translation>命令、案卷号、地址、井号、车牌…</translation>
    </message>
    <message>
        <source>Command or search</source>
        <translation>命令或查找</translation>
    </message>
</context>
<context>
    <name>Comparison</name>
    <message>
        <source>Field</source>
        <translation>字段</translation>
    </message>
    <message>
        <source>Before</source>
        <translation>变更前</translation>
    </message>
    <message>
        <source>After</source>
        <translation>变更后</translation>
    </message>
</context>
<context>
    <name>ConfigurationWorkspace</name>
    <message>
        <source>Configuration</source>
        <translation>应用维护</translation>
    </message>
    <message>
        <source>Search in the table</source>
        <translation>在表中查找</translation>
    </message>
    <message>
        <source>New entry</source>
        <translation>新增条目</translation>
    </message>
    <message>
        <source>New entry like this one</source>
        <translation>复制当前条目新增</translation>
    </message>
    <message>
        <source>Remove the entry, or keep it after all</source>
        <translation>删除条目，或取消删除</translation>
    </message>
    <message>
        <source>Look through the changes and save them</source>
        <translation>查看修改并保存</translation>
    </message>
    <message>
        <source>Next topic</source>
        <translation>下一项</translation>
    </message>
    <message>
        <source>Topic before</source>
        <translation>上一项</translation>
    </message>
    <message>
        <source>Nothing is changed here.</source>
        <translation>此处没有修改。</translation>
    </message>
    <message>
        <source>{n} changes are saved.</source>
        <translation>已保存 {n} 项修改。</translation>
    </message>
    <message>
        <source>1 change is saved.</source>
        <translation>已保存 1 项修改。</translation>
    </message>
</context>
<context>
    <name>Copies</name>
    <message>
        <source>Save a copy of the evidence</source>
        <translation>另存附件</translation>
    </message>
    <message>
        <source>Saved to {path}.</source>
        <translation>已保存到 {path}。</translation>
    </message>
    <message>
        <source>No program on this computer opens {name}. Save it and open it elsewhere.</source>
        <translation>本机没有程序可打开 {name}。请另存后在别处打开。</translation>
    </message>
</context>
<context>
    <name>CoursePanel</name>
    <message>
        <source>Last {days} days</source>
        <translation>最近 {days} 天</translation>
    </message>
    <message>
        <source>Last {hours} h</source>
        <translation>最近 {hours} 小时</translation>
    </message>
    <message>
        <source>Another day</source>
        <translation>其他日期</translation>
    </message>
    <message>
        <source>Period of water and rain</source>
        <translation>水位和雨量的时段</translation>
    </message>
    <message>
        <source>Day of water and rain</source>
        <translation>水位和雨量的日期</translation>
    </message>
    <message>
        <source>Rain and level</source>
        <translation>雨量与水位</translation>
    </message>
    <message>
        <source>Choose a flood point to see its water and rain.</source>
        <translation>选择易涝点，查看其水位和雨量。</translation>
    </message>
    <message>
        <source>No sensor here: nobody knows the water. Look at the video or send somebody.</source>
        <translation>此处没有传感器：积水情况不明。请查看视频或派人查看。</translation>
    </message>
    <message>
        <source>Nothing is measured at this flood point.</source>
        <translation>该易涝点没有监测。</translation>
    </message>
    <message>
        <source>Nothing was heard of it in this period.</source>
        <translation>该时段没有数据。</translation>
    </message>
    <message>
        <source>{rate} cm in 10 min</source>
        <translation>10 分钟变化 {rate} cm</translation>
    </message>
    <message>
        <source>last read {depth}</source>
        <translation>最后读数 {depth}</translation>
    </message>
    <message>
        <source>{age} old</source>
        <translation>{age}前</translation>
    </message>
    <message>
        <source>deepest {depth}</source>
        <translation>最深 {depth}</translation>
    </message>
    <message>
        <source>rain {mm} mm, gauge {distance} away</source>
        <translation>雨量 {mm} mm，雨量站距此 {distance}</translation>
    </message>
    <message>
        <source>rain gauge silent</source>
        <translation>雨量站无信号</translation>
    </message>
    <message>
        <source>water follows rain after {lag} (fit {fit})</source>
        <translation>水位滞后降雨 {lag}（相关 {fit}）</translation>
    </message>
    <message>
        <source>some limits raise no alarm</source>
        <translation>部分阈值不报警</translation>
    </message>
    <message>
        <source>Its sensor was never heard: nobody knows the water. Send somebody.</source>
        <translation>传感器从未上报：积水情况不明。请派人查看。</translation>
    </message>
    <message>
        <source>Silent for {age}: nobody knows the water. Look at the video or send somebody.</source>
        <translation>已 {age} 无信号：积水情况不明。请查看视频或派人查看。</translation>
    </message>
    <message>
        <source>It reads what cannot be: nobody knows the water. Send somebody.</source>
        <translation>读数不可能：积水情况不明。请派人查看。</translation>
    </message>
    <message>
        <source>Stuck: the reading no longer moves, the water may be another. Send somebody.</source>
        <translation>读数卡滞：长时间不变，实际积水可能不同。请派人查看。</translation>
    </message>
</context>
<context>
    <name>DayList</name>
    <message>
        <source>Days</source>
        <translation>日期</translation>
    </message>
    <message>
        <source>Audit</source>
        <translation>审计</translation>
    </message>
    <message>
        <source>Day</source>
        <translation>日期</translation>
    </message>
    <message>
        <source>All days</source>
        <translation>全部日期</translation>
    </message>
    <message>
        <source>Sealed</source>
        <translation>已封链</translation>
    </message>
    <message>
        <source>Chain</source>
        <translation>审计链</translation>
    </message>
    <message>
        <source>Days of the audit trail</source>
        <translation>审计记录的日期</translation>
    </message>
    <message>
        <source>Check all days</source>
        <translation>核验全部日期</translation>
    </message>
    <message>
        <source>A day&apos;s head stands for all entries up to it. Kept outside, it proves them against anybody.</source>
        <translation>一天的链头代表截至当日的全部记录；在服务器之外留存，即可向任何人证明记录未被篡改。</translation>
    </message>
    <message>
        <source>Checking …</source>
        <translation>正在核验 …</translation>
    </message>
    <message>
        <source>The audit trail is broken. Breaches: {n}; days: {days}.</source>
        <translation>审计记录有 {n} 处异常，涉及 {days} 天。</translation>
    </message>
    <message>
        <source>1 day</source>
        <translation>1 天</translation>
    </message>
    <message>
        <source>The audit trail is unbroken from its first day on.</source>
        <translation>审计记录自首日起完好无损。</translation>
    </message>
    <message>
        <source>{n} days</source>
        <translation>{n} 天</translation>
    </message>
</context>
<context>
    <name>DeskChips</name>
    <message>
        <source>To accept</source>
        <translation>待受理</translation>
    </message>
    <message>
        <source>To verify</source>
        <translation>待核实</translation>
    </message>
    <message>
        <source>To file</source>
        <translation>待立案</translation>
    </message>
    <message>
        <source>To dispatch</source>
        <translation>待派遣</translation>
    </message>
    <message>
        <source>Inbox</source>
        <translation>收件箱</translation>
    </message>
    <message>
        <source>With the department</source>
        <translation>待处置</translation>
    </message>
    <message>
        <source>In hand</source>
        <translation>处置中</translation>
    </message>
    <message>
        <source>In disposal</source>
        <translation>处置中</translation>
    </message>
    <message>
        <source>To feed back</source>
        <translation>待反馈</translation>
    </message>
    <message>
        <source>To order a check</source>
        <translation>待派核查</translation>
    </message>
    <message>
        <source>To check</source>
        <translation>待核查</translation>
    </message>
    <message>
        <source>Check failed</source>
        <translation>核查不通过</translation>
    </message>
    <message>
        <source>To close</source>
        <translation>待结案</translation>
    </message>
    <message>
        <source>Suspended</source>
        <translation>挂账</translation>
    </message>
    <message>
        <source>Mine</source>
        <translation>我的</translation>
    </message>
    <message>
        <source>My post&apos;s</source>
        <translation>本岗位</translation>
    </message>
    <message>
        <source>To endorse</source>
        <translation>待审签</translation>
    </message>
    <message>
        <source>Requests</source>
        <translation>待审批</translation>
    </message>
    <message>
        <source>Sent back</source>
        <translation>返工</translation>
    </message>
    <message>
        <source>Supervised</source>
        <translation>督办</translation>
    </message>
    <message>
        <source>Reported by me</source>
        <translation>我上报的</translation>
    </message>
    <message>
        <source>Due soon</source>
        <translation>将超期</translation>
    </message>
    <message>
        <source>Overdue</source>
        <translation>超期</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>在办</translation>
    </message>
    <message>
        <source>All</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Queue: {name}</source>
        <translation>队列:{name}</translation>
    </message>
    <message>
        <source>{overdue} overdue, {soon} due soon</source>
        <translation>超期 {overdue} 件,将超期 {soon} 件</translation>
    </message>
</context>
<context>
    <name>DetailPanel</name>
    <message>
        <source>Details</source>
        <translation>详情</translation>
    </message>
    <message>
        <source>This is not there any more.</source>
        <translation>该对象已不存在。</translation>
    </message>
    <message>
        <source>This was not there yet.</source>
        <translation>当时还没有此项。</translation>
    </message>
</context>
<context>
    <name>DeviationPrint</name>
    <message>
        <source>Evidence of the route deviation as PDF</source>
        <translation>偏离路线证据单（PDF）</translation>
    </message>
    <message>
        <source>Muck trucks</source>
        <translation>渣土车</translation>
    </message>
    <message>
        <source>A sheet is being made already: wait for it.</source>
        <translation>正在生成一份证据单，请稍候。</translation>
    </message>
    <message>
        <source>Choose a truck, or the alarm of a truck that left its route, first.</source>
        <translation>请先选择一辆车，或一条偏离路线报警。</translation>
    </message>
    <message>
        <source>No deviation of this truck from its route is known.</source>
        <translation>没有该车偏离路线的记录。</translation>
    </message>
    <message>
        <source>Route deviation {plate} {id}</source>
        <translation>偏离路线证据单 {plate} {id}</translation>
    </message>
    <message>
        <source>The evidence of {number} went to {path}, pages: {n}.</source>
        <translation>{number}的证据单已写入 {path}，共 {n} 页。</translation>
    </message>
</context>
<context>
    <name>DispatchWorkspace</name>
    <message>
        <source>Choose a case in the queue or anything on the map.</source>
        <translation>在队列中选择案件，或在地图上点选任意对象。</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>今日</translation>
    </message>
    <message>
        <source>Queue</source>
        <translation>队列</translation>
    </message>
    <message>
        <source>Next case</source>
        <translation>下一件</translation>
    </message>
    <message>
        <source>Case before</source>
        <translation>上一件</translation>
    </message>
    <message>
        <source>Several cases</source>
        <translation>批量办理</translation>
    </message>
    <message>
        <source>Mark this case</source>
        <translation>勾选本案</translation>
    </message>
    <message>
        <source>Mark the next case too</source>
        <translation>连下一件一起勾选</translation>
    </message>
    <message>
        <source>Mark the case before too</source>
        <translation>连上一件一起勾选</translation>
    </message>
    <message>
        <source>Mark the whole queue</source>
        <translation>勾选整个队列</translation>
    </message>
    <message>
        <source>Take all marks off</source>
        <translation>取消全部勾选</translation>
    </message>
    <message>
        <source>Search in the queue</source>
        <translation>在队列中查找</translation>
    </message>
    <message>
        <source>More filters</source>
        <translation>更多筛选</translation>
    </message>
    <message>
        <source>Only cases in an area drawn on the map</source>
        <translation>仅看地图上所画范围内的案件</translation>
    </message>
    <message>
        <source>Save this filter</source>
        <translation>保存此筛选</translation>
    </message>
    <message>
        <source>Shift</source>
        <translation>交接班</translation>
    </message>
    <message>
        <source>Case</source>
        <translation>案件</translation>
    </message>
    <message>
        <source>Refresh the queue</source>
        <translation>刷新队列</translation>
    </message>
</context>
<context>
    <name>DraftBar</name>
    <message>
        <source>Look through and save  Ctrl+S</source>
        <translation>查看并保存  Ctrl+S</translation>
    </message>
    <message>
        <source>{n} entries are changed and not saved yet.</source>
        <translation>{n} 条已修改，尚未保存。</translation>
    </message>
    <message>
        <source>1 entry is changed and not saved yet.</source>
        <translation>1 条已修改，尚未保存。</translation>
    </message>
    <message>
        <source>Discard all</source>
        <translation>全部放弃</translation>
    </message>
    <message>
        <source>Discard {n} changes? Press again</source>
        <translation>放弃 {n} 项修改？再按一次</translation>
    </message>
    <message>
        <source>Discard 1 change? Press again</source>
        <translation>放弃 1 项修改？再按一次</translation>
    </message>
</context>
<context>
    <name>DrainageWorkspace</name>
    <message>
        <source>Choose a pipe or a manhole in the list or on the map.</source>
        <translation>在列表或地图上选择管道或检查井。</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>管网</translation>
    </message>
    <message>
        <source>Length by system</source>
        <translation>各系统长度</translation>
    </message>
    <message>
        <source>Network in figures</source>
        <translation>管网概况</translation>
    </message>
    <message>
        <source>of pipes</source>
        <translation>管道总长</translation>
    </message>
    <message>
        <source>manholes</source>
        <translation>检查井</translation>
    </message>
    <message>
        <source>damaged or lost</source>
        <translation>破损或丢失</translation>
    </message>
    <message>
        <source>gullies</source>
        <translation>雨水口</translation>
    </message>
    <message>
        <source>outfalls</source>
        <translation>排放口</translation>
    </message>
    <message>
        <source>pump stations</source>
        <translation>泵站</translation>
    </message>
    <message>
        <source>{length} · 1 pipe</source>
        <translation>{length} · 1 段</translation>
    </message>
    <message>
        <source>{length} · {n} pipes</source>
        <translation>{length} · {n} 段</translation>
    </message>
    <message>
        <source>Pipes {length} · manholes {manholes} · damaged or lost {faulty} · gullies {gullies}</source>
        <translation>管道 {length} · 检查井 {manholes} · 破损或丢失 {faulty} · 雨水口 {gullies}</translation>
    </message>
</context>
<context>
    <name>DrawTool</name>
    <message>
        <source>Click sets a corner · Enter ends · Esc gives up · Ctrl+Z one step back</source>
        <translation>单击落点 · Enter 完成 · Esc 放弃 · Ctrl+Z 撤销一步</translation>
    </message>
    <message>
        <source>Enter ends · Esc gives up · drag corners and sides · Delete takes a corner away · Ctrl+Z one step back</source>
        <translation>Enter 完成 · Esc 放弃 · 拖动顶点或边 · Delete 删除顶点 · Ctrl+Z 撤销一步</translation>
    </message>
    <message>
        <source>Too few corners: a line needs two, an area three.</source>
        <translation>顶点太少：线至少两个，面至少三个。</translation>
    </message>
    <message>
        <source>It is too small: less than a metre.</source>
        <translation>图形过小，不足一米。</translation>
    </message>
    <message>
        <source>The border crosses itself at the mark: move or take away a corner there.</source>
        <translation>边界在标记处自相交：请移动或删除该处顶点。</translation>
    </message>
</context>
<context>
    <name>DutyPanel</name>
    <message>
        <source>Flood duty</source>
        <translation>防汛值守</translation>
    </message>
    <message>
        <source>No warning</source>
        <translation>无预警</translation>
    </message>
    <message>
        <source>Warning in force</source>
        <translation>当前预警</translation>
    </message>
    <message>
        <source>Checklist of flood duty</source>
        <translation>防汛值守清单</translation>
    </message>
    <message>
        <source>{done} of {all} done</source>
        <translation>已完成 {done}/{all}</translation>
    </message>
    <message>
        <source>No rainstorm warning is in force.</source>
        <translation>当前没有暴雨预警。</translation>
    </message>
    <message>
        <source>The checklist of this colour is empty.</source>
        <translation>该等级的清单为空。</translation>
    </message>
    <message>
        <source>▲ rain measured: {colour}</source>
        <translation>▲ 实测雨量已达：{colour}</translation>
    </message>
    <message>
        <source>since {time}</source>
        <translation>自 {time} 起</translation>
    </message>
    <message>
        <source>Assumed: to be confirmed in the configuration</source>
        <translation>暂定：待在应用维护中确认</translation>
    </message>
    <message>
        <source> (assumed)</source>
        <translation>（暂定）</translation>
    </message>
</context>
<context>
    <name>EntryForm</name>
    <message>
        <source>◆ Changed meanwhile to “{value}”.</source>
        <translation>◆ 他人已改为“{value}”。</translation>
    </message>
    <message>
        <source>◆ {login} changed this to “{value}” at {time}.</source>
        <translation>◆ {login} 于 {time} 将其改为“{value}”。</translation>
    </message>
</context>
<context>
    <name>EntryPanel</name>
    <message>
        <source>Entry</source>
        <translation>条目</translation>
    </message>
    <message>
        <source>Undo my changes</source>
        <translation>撤销我的修改</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>New like this</source>
        <translation>复制新增</translation>
    </message>
    <message>
        <source>Choose an entry in the table.</source>
        <translation>请在表中选择一条。</translation>
    </message>
    <message>
        <source>When</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Who</source>
        <translation>修改人</translation>
    </message>
    <message>
        <source>From</source>
        <translation>来自</translation>
    </message>
    <message>
        <source>the server itself</source>
        <translation>服务器本机</translation>
    </message>
    <message>
        <source>What</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>Filing condition</source>
        <translation>立案条件</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>结论</translation>
    </message>
    <message>
        <source>What will be saved</source>
        <translation>将要保存的修改</translation>
    </message>
    <message>
        <source>New entry</source>
        <translation>新增条目</translation>
    </message>
    <message>
        <source>Why is it revoked?</source>
        <translation>为何撤销？</translation>
    </message>
    <message>
        <source>Save  Ctrl+S</source>
        <translation>保存  Ctrl+S</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>放弃更改</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Renew</source>
        <translation>续期</translation>
    </message>
    <message>
        <source>A new permit like this one, from the day after it ends, for as many days</source>
        <translation>照此新建许可，自到期次日起，有效天数相同</translation>
    </message>
    <message>
        <source>Not saved yet: mend what is marked above, or decide it.</source>
        <translation>尚未保存：请先修正或决定上面标出的内容。</translation>
    </message>
    <message>
        <source>Press again: it goes</source>
        <translation>再按一次即移除</translation>
    </message>
    <message>
        <source>Revoke …</source>
        <translation>撤销…</translation>
    </message>
    <message>
        <source>Take away</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Revoked {time}: {reason}</source>
        <translation>{time} 撤销：{reason}</translation>
    </message>
    <message>
        <source>Changed {time} by {who}</source>
        <translation>{time} 由{who}更改</translation>
    </message>
    <message>
        <source>New: not saved yet</source>
        <translation>新建，尚未保存</translation>
    </message>
    <message>
        <source>◆ {who} has saved this meanwhile ({time}): {fields}. What you typed is kept.</source>
        <translation>◆ {who}已于 {time} 保存过：{fields}。您填写的内容仍保留。</translation>
    </message>
</context>
<context>
    <name>EvidenceStrip</name>
    <message>
        <source>View  I</source>
        <translation>查看  I</translation>
    </message>
    <message>
        <source>Evidence</source>
        <translation>附件</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Loading …</source>
        <translation>正在加载…</translation>
    </message>
    <message>
        <source>No photos or other evidence yet.</source>
        <translation>还没有照片或其他附件。</translation>
    </message>
</context>
<context>
    <name>EvidenceViewer</name>
    <message>
        <source>One picture  (1)</source>
        <translation>单张  (1)</translation>
    </message>
    <message>
        <source>Two pictures side by side  (2)</source>
        <translation>并排对比  (2)</translation>
    </message>
    <message>
        <source>Smaller  (−)</source>
        <translation>缩小  (−)</translation>
    </message>
    <message>
        <source>Larger  (+)</source>
        <translation>放大  (+)</translation>
    </message>
    <message>
        <source>All of it  (0)</source>
        <translation>完整显示  (0)</translation>
    </message>
    <message>
        <source>Save as …  (Ctrl+S)</source>
        <translation>另存为…  (Ctrl+S)</translation>
    </message>
    <message>
        <source>Open with another program  (Ctrl+O)</source>
        <translation>用其他程序打开  (Ctrl+O)</translation>
    </message>
    <message>
        <source>Withdraw, with a reason  (Delete)</source>
        <translation>撤回并说明原因  (Delete)</translation>
    </message>
    <message>
        <source>Whole window, or less again  (Enter)</source>
        <translation>全窗口 / 还原  (Enter)</translation>
    </message>
    <message>
        <source>Close  (Esc)</source>
        <translation>关闭  (Esc)</translation>
    </message>
    <message>
        <source>Evidence of {case}</source>
        <translation>{case} 的附件</translation>
    </message>
    <message>
        <source>No photos or other evidence yet.</source>
        <translation>还没有照片或其他附件。</translation>
    </message>
</context>
<context>
    <name>FieldRow</name>
    <message>
        <source>{field} (optional)</source>
        <translation>{field}（可不填）</translation>
    </message>
    <message>
        <source>Keep mine</source>
        <translation>保留我的</translation>
    </message>
    <message>
        <source>Take theirs</source>
        <translation>采用对方的</translation>
    </message>
</context>
<context>
    <name>FilterBar</name>
    <message>
        <source>Address, description, class, number …</source>
        <translation>地址、描述、小类、案卷号…</translation>
    </message>
    <message>
        <source>Search in the queue</source>
        <translation>在队列中查找</translation>
    </message>
    <message>
        <source>More filters and the order</source>
        <translation>更多筛选与排序</translation>
    </message>
    <message>
        <source>Draw an area on the map: only cases in it are shown</source>
        <translation>在地图上画范围：只显示范围内的案件</translation>
    </message>
    <message>
        <source>Show cases of all places again</source>
        <translation>不再限定范围</translation>
    </message>
    <message>
        <source>Zone</source>
        <translation>片区</translation>
    </message>
    <message>
        <source>Stage</source>
        <translation>阶段</translation>
    </message>
    <message>
        <source>Mode</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>大类</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>级别</translation>
    </message>
    <message>
        <source>Department</source>
        <translation>责任单位</translation>
    </message>
    <message>
        <source>Class</source>
        <translation>小类</translation>
    </message>
    <message>
        <source>Reported</source>
        <translation>上报时间</translation>
    </message>
    <message>
        <source>Overdue</source>
        <translation>超期</translation>
    </message>
    <message>
        <source>{field}: any</source>
        <translation>{field}：不限</translation>
    </message>
    <message>
        <source>last 24 hours</source>
        <translation>近 24 小时</translation>
    </message>
    <message>
        <source>last {n} days</source>
        <translation>近 {n} 天</translation>
    </message>
    <message>
        <source>overdue</source>
        <translation>超期</translation>
    </message>
    <message>
        <source>in time</source>
        <translation>时限内</translation>
    </message>
    <message>
        <source>Order</source>
        <translation>排序</translation>
    </message>
    <message>
        <source>Largest or latest first</source>
        <translation>从大到小或从新到旧</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>清除</translation>
    </message>
    <message>
        <source>Usual</source>
        <translation>默认</translation>
    </message>
    <message>
        <source>Time left</source>
        <translation>剩余时间</translation>
    </message>
    <message>
        <source>Time of report</source>
        <translation>上报时间</translation>
    </message>
    <message>
        <source>Number</source>
        <translation>编号</translation>
    </message>
    <message>
        <source>Street</source>
        <translation>道路</translation>
    </message>
    <message>
        <source>Time of filing</source>
        <translation>立案时间</translation>
    </message>
    <message>
        <source>Time of dispatch</source>
        <translation>派遣时间</translation>
    </message>
    <message>
        <source>End of disposal</source>
        <translation>处置完成时间</translation>
    </message>
    <message>
        <source>Time of closing</source>
        <translation>结案时间</translation>
    </message>
    <message>
        <source>Deadline</source>
        <translation>截止时间</translation>
    </message>
    <message>
        <source>Click the corners on the map · Enter ends · Esc gives up</source>
        <translation>在地图上依次点击各角 · 回车完成 · Esc 放弃</translation>
    </message>
    <message>
        <source>In the area on the map, {size}</source>
        <translation>地图所画范围内，{size}</translation>
    </message>
</context>
<context>
    <name>FleetLists</name>
    <message>
        <source>Trucks and permits</source>
        <translation>车辆与许可</translation>
    </message>
    <message>
        <source>Trucks</source>
        <translation>车辆</translation>
    </message>
    <message>
        <source>Permits</source>
        <translation>许可</translation>
    </message>
    <message>
        <source>Areas</source>
        <translation>限行区</translation>
    </message>
    <message>
        <source>Work sites</source>
        <translation>出土工地</translation>
    </message>
    <message>
        <source>Dump sites</source>
        <translation>消纳场</translation>
    </message>
</context>
<context>
    <name>FleetWorkspace</name>
    <message>
        <source>Choose a truck in the list or on the map.</source>
        <translation>在列表或地图上选择渣土车。</translation>
    </message>
    <message>
        <source>Trucks that drove, by hour, last 24 hours</source>
        <translation>近 24 小时各时段行驶车辆数</translation>
    </message>
    <message>
        <source>Fleet</source>
        <translation>车队</translation>
    </message>
    <message>
        <source>Fleet charts</source>
        <translation>车队图表</translation>
    </message>
    <message>
        <source>Trucks</source>
        <translation>渣土车</translation>
    </message>
    <message>
        <source>Text to the driver of the selected truck</source>
        <translation>给所选车辆的司机发文字</translation>
    </message>
    <message>
        <source>Ask the selected truck where it is</source>
        <translation>查询所选车辆的位置</translation>
    </message>
    <message>
        <source>Set how the terminal of the selected truck works</source>
        <translation>设置所选车辆的终端参数</translation>
    </message>
    <message>
        <source>Raw frames of the selected truck</source>
        <translation>所选车辆的原始帧</translation>
    </message>
    <message>
        <source>Follow the selected truck</source>
        <translation>跟随所选车辆</translation>
    </message>
    <message>
        <source>Keep this track on the map</source>
        <translation>保留当前轨迹</translation>
    </message>
    <message>
        <source>Colour tracks by speed or by deviation</source>
        <translation>轨迹按速度或按偏距着色</translation>
    </message>
    <message>
        <source>Take kept tracks off the map</source>
        <translation>清除保留的轨迹</translation>
    </message>
    <message>
        <source>Choose a truck first.</source>
        <translation>请先选择车辆。</translation>
    </message>
    <message>
        <source>online</source>
        <translation>在线</translation>
    </message>
    <message>
        <source>driving</source>
        <translation>行驶中</translation>
    </message>
    <message>
        <source>loaded</source>
        <translation>重载</translation>
    </message>
    <message>
        <source>uncovered while driving</source>
        <translation>行驶中未密闭</translation>
    </message>
    <message>
        <source>Online {online}/{all} · driving {driving} · loaded {loaded} · uncovered {uncovered}</source>
        <translation>在线 {online}/{all} · 行驶 {driving} · 重载 {loaded} · 未密闭 {uncovered}</translation>
    </message>
</context>
<context>
    <name>FloodWorkspace</name>
    <message>
        <source>Choose a flood point in the list or on the map.</source>
        <translation>在列表或地图上选择易涝点。</translation>
    </message>
    <message>
        <source>Water</source>
        <translation>积水</translation>
    </message>
    <message>
        <source>Rain and level</source>
        <translation>雨量与水位</translation>
    </message>
    <message>
        <source>Flood points</source>
        <translation>易涝点</translation>
    </message>
    <message>
        <source>Report water here and send whoever is marked</source>
        <translation>上报此处积水并派出选中力量</translation>
    </message>
    <message>
        <source>Flood</source>
        <translation>防汛</translation>
    </message>
    <message>
        <source>points flooded</source>
        <translation>处积水</translation>
    </message>
    <message>
        <source>deepest water</source>
        <translation>最大积水深度</translation>
    </message>
    <message>
        <source>most rain in the last hour</source>
        <translation>近 1 小时最大雨量</translation>
    </message>
    <message>
        <source>sensors not to be believed</source>
        <translation>不可信的传感器</translation>
    </message>
    <message>
        <source>Silent, stuck, out of range or never heard: what they say is not the water.</source>
        <translation>无信号、卡滞、超量程或从未上报：其读数不代表实际水位。</translation>
    </message>
</context>
<context>
    <name>FramesWindow</name>
    <message>
        <source>Raw frames of {name}</source>
        <translation>{name} 的原始帧</translation>
    </message>
    <message>
        <source>From</source>
        <translation>起始</translation>
    </message>
    <message>
        <source>Until</source>
        <translation>截止</translation>
    </message>
    <message>
        <source>Look up</source>
        <translation>查询</translation>
    </message>
    <message>
        <source>Write to CSV …</source>
        <translation>导出 CSV…</translation>
    </message>
    <message>
        <source>The frame in full</source>
        <translation>完整的帧</translation>
    </message>
    <message>
        <source>The period ends before it begins.</source>
        <translation>结束时间早于开始时间。</translation>
    </message>
    <message>
        <source>{n} messages</source>
        <translation>{n} 条消息</translation>
    </message>
    <message>
        <source>the first {n} messages only: choose a shorter period</source>
        <translation>仅前 {n} 条消息：请缩短时段</translation>
    </message>
    <message>
        <source>No message came in this period, or it is older than messages are kept.</source>
        <translation>此时段没有消息，或已超出保存期限。</translation>
    </message>
    <message>
        <source>Not believed: {why}</source>
        <translation>存疑：{why}</translation>
    </message>
    <message>
        <source>alarm {alarm}, status {status}, altitude {altitude} m, {ignition}</source>
        <translation>报警 {alarm}，状态 {status}，高程 {altitude} m，{ignition}</translation>
    </message>
    <message>
        <source>engine on</source>
        <translation>点火</translation>
    </message>
    <message>
        <source>engine off</source>
        <translation>熄火</translation>
    </message>
    <message>
        <source>extra items {items}</source>
        <translation>附加信息 {items}</translation>
    </message>
    <message>
        <source>Received</source>
        <translation>接收时间</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>消息</translation>
    </message>
    <message>
        <source>No.</source>
        <translation>流水号</translation>
    </message>
    <message>
        <source>Says the time</source>
        <translation>自报时间</translation>
    </message>
    <message>
        <source>Hex</source>
        <translation>十六进制</translation>
    </message>
    <message>
        <source>Value of</source>
        <translation>要素</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>数值</translation>
    </message>
    <message>
        <source>Longitude</source>
        <translation>经度</translation>
    </message>
    <message>
        <source>Latitude</source>
        <translation>纬度</translation>
    </message>
    <message>
        <source>km/h</source>
        <translation>km/h</translation>
    </message>
    <message>
        <source>Heading</source>
        <translation>方向</translation>
    </message>
    <message>
        <source>Load</source>
        <translation>载重</translation>
    </message>
    <message>
        <source>Doubt</source>
        <translation>存疑</translation>
    </message>
    <message>
        <source>unreadable: {why}</source>
        <translation>无法解析：{why}</translation>
    </message>
    <message>
        <source>Answer {result} to {message:04X}, no. {serial}</source>
        <translation>应答 {message:04X}，流水号 {serial}，结果 {result}</translation>
    </message>
</context>
<context>
    <name>GatewaysPage</name>
    <message>
        <source>What</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>Protocol</source>
        <translation>协议</translation>
    </message>
    <message>
        <source>In a minute</source>
        <translation>每分钟</translation>
    </message>
    <message>
        <source>Since the start</source>
        <translation>启动以来</translation>
    </message>
    <message>
        <source>Counters of the gateway</source>
        <translation>网关计数</translation>
    </message>
    <message>
        <source>Gateway</source>
        <translation>数据网关</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Terminals</source>
        <translation>在线终端</translation>
    </message>
    <message>
        <source>Lines</source>
        <translation>连接</translation>
    </message>
    <message>
        <source>Waiting rows</source>
        <translation>待写行数</translation>
    </message>
    <message>
        <source>On its disk</source>
        <translation>磁盘暂存</translation>
    </message>
    <message>
        <source>Wrong</source>
        <translation>异常</translation>
    </message>
    <message>
        <source>Started</source>
        <translation>启动时间</translation>
    </message>
    <message>
        <source>Clock</source>
        <translation>时钟</translation>
    </message>
    <message>
        <source>{n} silent</source>
        <translation>{n} 静默</translation>
    </message>
    <message>
        <source>No gateway has reported yet: start one (python -m console.gateway).</source>
        <translation>还没有网关上报：请启动网关（python -m console.gateway）。</translation>
    </message>
    <message>
        <source>runs, heard {age} ago</source>
        <translation>运行中，{age}前</translation>
    </message>
    <message>
        <source>silent for {age}</source>
        <translation>静默 {age}</translation>
    </message>
    <message>
        <source>agrees with the database</source>
        <translation>与数据库一致</translation>
    </message>
    <message>
        <source>{s} s off: it goes by the database&apos;s</source>
        <translation>偏差 {s} 秒：按数据库时间</translation>
    </message>
    <message>
        <source>It has stopped, or cannot reach the database: look at its service and its log.</source>
        <translation>网关已停止或连不上数据库：请查看其服务和日志。</translation>
    </message>
    <message>
        <source>Messages wait on its disk: the database was away, or is slow.</source>
        <translation>有消息暂存在磁盘：数据库曾离线或较慢。</translation>
    </message>
    <message>
        <source>Its disk was full: devices keep what they have until there is room.</source>
        <translation>磁盘曾满：设备保留数据，待有空间后重发。</translation>
    </message>
    <message>
        <source>Terminals were refused: look at “GPS terminals”.</source>
        <translation>有终端被拒：请看“车载终端”。</translation>
    </message>
    <message>
        <source>Devices of no sensor have called: look at “Sensors and stations”.</source>
        <translation>有未关联传感器的设备来报：请看“传感器与测站”。</translation>
    </message>
    <message>
        <source>Faulty frames came in: “GPS terminals” says whose, as far as the sender is known.</source>
        <translation>收到错帧：“车载终端”列出已知发送者。</translation>
    </message>
    <message>
        <source>Nothing is wrong with it.</source>
        <translation>一切正常。</translation>
    </message>
</context>
<context>
    <name>HandoverForm</name>
    <message>
        <source>To whom</source>
        <translation>接班人</translation>
    </message>
    <message>
        <source>What the next shift has to know</source>
        <translation>需要下一班知道的事项</translation>
    </message>
    <message>
        <source>Hand over  Ctrl+Enter</source>
        <translation>交班  Ctrl+Enter</translation>
    </message>
    <message>
        <source>Later  Esc</source>
        <translation>稍后  Esc</translation>
    </message>
    <message>
        <source>Hand over the shift</source>
        <translation>交班</translation>
    </message>
    <message>
        <source>Whoever comes next</source>
        <translation>下一班任何人</translation>
    </message>
    <message>
        <source>1 case waits at your post; overdue: {overdue}.</source>
        <translation>本岗位待办 1 件，其中超期 {overdue} 件。</translation>
    </message>
    <message>
        <source>{n} cases wait at your post; overdue: {overdue}.</source>
        <translation>本岗位待办 {n} 件，其中超期 {overdue} 件。</translation>
    </message>
    <message>
        <source>The one that waits for you in person goes with it; mark others in the queue to choose.</source>
        <translation>其中等待您本人办理的 1 件随同移交；也可先在队列中勾选其他案件。</translation>
    </message>
    <message>
        <source>The {n} that wait for you in person go with it; mark others in the queue to choose.</source>
        <translation>其中等待您本人办理的 {n} 件随同移交；也可先在队列中勾选其他案件。</translation>
    </message>
    <message>
        <source>The {n} marked cases go with it.</source>
        <translation>已勾选的 {n} 件随同移交。</translation>
    </message>
    <message>
        <source>The marked case goes with it.</source>
        <translation>已勾选的 1 件随同移交。</translation>
    </message>
    <message>
        <source>Write what the next shift has to know, in at most {n} letters.</source>
        <translation>请写明需要下一班知道的事项，不超过 {n} 字。</translation>
    </message>
</context>
<context>
    <name>HandoverStrip</name>
    <message>
        <source>Cases that go with the hand-over</source>
        <translation>随交班移交关注的案件</translation>
    </message>
    <message>
        <source>Take over the shift  Ctrl+Shift+H</source>
        <translation>接班  Ctrl+Shift+H</translation>
    </message>
    <message>
        <source>{who} handed over, {at}</source>
        <translation>{who} {at} 交班</translation>
    </message>
    <message>
        <source>You handed over, {at}: not taken over yet</source>
        <translation>您已于 {at} 交班，尚未接班</translation>
    </message>
    <message>
        <source>{words} · {taker} took over</source>
        <translation>{words} · {taker} 已接班</translation>
    </message>
    <message>
        <source>{words} to {who}</source>
        <translation>{words}，接班：{who}</translation>
    </message>
    <message>
        <source>{n} cases waited</source>
        <translation>待办 {n} 件</translation>
    </message>
    <message>
        <source>1 case waited</source>
        <translation>待办 1 件</translation>
    </message>
    <message>
        <source>{n} overdue</source>
        <translation>超期 {n}</translation>
    </message>
    <message>
        <source>{n} due soon</source>
        <translation>将超期 {n}</translation>
    </message>
    <message>
        <source>Close the notes</source>
        <translation>收起交班记录</translation>
    </message>
    <message>
        <source>Read the notes</source>
        <translation>查看交班记录</translation>
    </message>
</context>
<context>
    <name>HaulageDesk</name>
    <message>
        <source>Permits and areas</source>
        <translation>许可与限行区</translation>
    </message>
    <message>
        <source>List of trucks</source>
        <translation>车辆列表</translation>
    </message>
    <message>
        <source>List of permits</source>
        <translation>许可列表</translation>
    </message>
    <message>
        <source>List of traffic areas</source>
        <translation>限行区列表</translation>
    </message>
    <message>
        <source>List of work sites</source>
        <translation>出土工地列表</translation>
    </message>
    <message>
        <source>List of dump sites</source>
        <translation>消纳场列表</translation>
    </message>
    <message>
        <source>New in the list in front</source>
        <translation>在当前列表新建</translation>
    </message>
    <message>
        <source>Save what is looked at</source>
        <translation>保存正在查看的内容</translation>
    </message>
    <message>
        <source>New like what is looked at</source>
        <translation>照正在查看的内容新建</translation>
    </message>
    <message>
        <source>Renew the permit that is looked at</source>
        <translation>为正在查看的许可续期</translation>
    </message>
    <message>
        <source>Draw what is looked at, or change it on the map</source>
        <translation>在地图上绘制或修改正在查看的内容</translation>
    </message>
    <message>
        <source>Propose the route of the permit</source>
        <translation>为许可生成建议路线</translation>
    </message>
    <message>
        <source>Let the route pass a place on the map</source>
        <translation>让路线经过地图上的地点</translation>
    </message>
    <message>
        <source>Turn the route round</source>
        <translation>反转路线方向</translation>
    </message>
    <message>
        <source>Revoke the permit, or take the area or site away</source>
        <translation>撤销许可，或移除区域、场地</translation>
    </message>
</context>
<context>
    <name>Heading</name>
    <message>
        <source>Close  (Esc)</source>
        <translation>关闭  (Esc)</translation>
    </message>
</context>
<context>
    <name>History</name>
    <message>
        <source>Versions</source>
        <translation>版本</translation>
    </message>
    <message>
        <source>Changes</source>
        <translation>修改</translation>
    </message>
    <message>
        <source>Unchanged since it was set up.</source>
        <translation>建立以来未作修改。</translation>
    </message>
    <message>
        <source>on</source>
        <translation>起</translation>
    </message>
    <message>
        <source>to {day}</source>
        <translation>至 {day}</translation>
    </message>
    <message>
        <source>{n} · from {day} {until}</source>
        <translation>第 {n} 版 · {day} {until}</translation>
    </message>
    <message>
        <source>1 case</source>
        <translation>1 件案件</translation>
    </message>
    <message>
        <source>{n} cases</source>
        <translation>{n} 件</translation>
    </message>
    <message>
        <source>Reason: {words}</source>
        <translation>原因：{words}</translation>
    </message>
</context>
<context>
    <name>IntakeDesk</name>
    <message>
        <source>In the field</source>
        <translation>现场接入</translation>
    </message>
    <message>
        <source>Let the marked terminal in</source>
        <translation>准入所选终端</translation>
    </message>
    <message>
        <source>Block the marked terminal</source>
        <translation>禁用所选终端</translation>
    </message>
    <message>
        <source>Unblock the marked terminal</source>
        <translation>解除禁用所选终端</translation>
    </message>
    <message>
        <source>Take the marked terminal out of its truck</source>
        <translation>将所选终端从车辆收回</translation>
    </message>
    <message>
        <source>Raw frames of the marked terminal</source>
        <translation>所选终端的原始帧</translation>
    </message>
    <message>
        <source>Raw frames of the marked sensor</source>
        <translation>所选传感器的原始帧</translation>
    </message>
    <message>
        <source>Choose a terminal of a truck, or a sensor, first.</source>
        <translation>请先选择车辆的终端或传感器。</translation>
    </message>
</context>
<context>
    <name>IntakePage</name>
    <message>
        <source>{n} wait for a decision</source>
        <translation>{n} 项待处理</translation>
    </message>
    <message>
        <source>{n} entries</source>
        <translation>{n} 条</translation>
    </message>
</context>
<context>
    <name>KeysOverlay</name>
    <message>
        <source>Keys</source>
        <translation>快捷键</translation>
    </message>
</context>
<context>
    <name>LayerTree</name>
    <message>
        <source>{n} s</source>
        <translation>{n} 秒</translation>
    </message>
    <message>
        <source>{n} min</source>
        <translation>{n} 分钟</translation>
    </message>
    <message>
        <source>{n} h</source>
        <translation>{n} 小时</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>图层</translation>
    </message>
</context>
<context>
    <name>Lightbox</name>
    <message>
        <source>Photos and other evidence</source>
        <translation>照片和其他附件</translation>
    </message>
    <message>
        <source>Case</source>
        <translation>案件</translation>
    </message>
</context>
<context>
    <name>ListExport</name>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Write this list to Excel or CSV</source>
        <translation>将此列表导出为 Excel 或 CSV</translation>
    </message>
    <message>
        <source>Lists</source>
        <translation>列表</translation>
    </message>
    <message>
        <source>A list is being written already: wait for it, or stop it in the status bar.</source>
        <translation>已有列表正在导出：请等待完成，或在状态栏中停止。</translation>
    </message>
    <message>
        <source>There is no list here that has anything to write.</source>
        <translation>此处没有可导出的列表内容。</translation>
    </message>
    <message>
        <source>The list was not written: it was stopped.</source>
        <translation>列表未导出：已停止。</translation>
    </message>
    <message>
        <source>Writing row {n} of {total}</source>
        <translation>正在导出 {n} / {total} 行</translation>
    </message>
    <message>
        <source>1 row was written to {path}.</source>
        <translation>已将 1 行导出到 {path}。</translation>
    </message>
    <message>
        <source>{n} rows were written to {path}.</source>
        <translation>已将 {n} 行导出到 {path}。</translation>
    </message>
</context>
<context>
    <name>LiveMap</name>
    <message>
        <source>{n} silent</source>
        <translation>{n} 静默</translation>
    </message>
</context>
<context>
    <name>LoginDialog</name>
    <message>
        <source>Yuncheng Console</source>
        <translation>运城城管指挥台</translation>
    </message>
    <message>
        <source>Post</source>
        <translation>岗位</translation>
    </message>
    <message>
        <source>Login</source>
        <translation>登录名</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>密码</translation>
    </message>
    <message>
        <source>Demonstration city: Enter signs in</source>
        <translation>示例城市：按回车登录</translation>
    </message>
    <message>
        <source>Sign in</source>
        <translation>登录</translation>
    </message>
    <message>
        <source>Enter your login.</source>
        <translation>请输入登录名。</translation>
    </message>
    <message>
        <source>Signing in …</source>
        <translation>正在登录…</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Yuncheng Console</source>
        <translation>运城城管指挥台</translation>
    </message>
    <message>
        <source>Workspaces</source>
        <translation>工作区</translation>
    </message>
    <message>
        <source>View</source>
        <translation>视图</translation>
    </message>
    <message>
        <source>General</source>
        <translation>通用</translation>
    </message>
    <message>
        <source>Commands and search</source>
        <translation>命令与查找</translation>
    </message>
    <message>
        <source>Overview of keys</source>
        <translation>快捷键一览</translation>
    </message>
    <message>
        <source>Close, go back to the map</source>
        <translation>关闭并回到地图</translation>
    </message>
    <message>
        <source>Notices of this session</source>
        <translation>本次登录的通知</translation>
    </message>
    <message>
        <source>List panel</source>
        <translation>列表面板</translation>
    </message>
    <message>
        <source>Charts</source>
        <translation>图表</translation>
    </message>
    <message>
        <source>Detail panel</source>
        <translation>详情面板</translation>
    </message>
    <message>
        <source>Layers</source>
        <translation>图层</translation>
    </message>
    <message>
        <source>Usual arrangement of panels</source>
        <translation>恢复默认布局</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>全屏</translation>
    </message>
    <message>
        <source>Dark theme</source>
        <translation>深色主题</translation>
    </message>
    <message>
        <source>Light theme</source>
        <translation>浅色主题</translation>
    </message>
    <message>
        <source>Sign in as somebody else</source>
        <translation>切换用户</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>1 file is not attached yet to this case. Leave again to give it up.</source>
        <translation>本案件还有 1 个文件未上传。再次退出即放弃上传。</translation>
    </message>
    <message>
        <source>{n} files are not attached yet, the first to this case. Leave again to give them up.</source>
        <translation>还有 {n} 个文件未上传，第一个属于本案件。再次退出即放弃上传。</translation>
    </message>
    <message>
        <source>1 file goes with a report that is not handed in. Leave again to give it up.</source>
        <translation>有 1 个文件随未提交的上报一起，尚未上传。再次退出即放弃。</translation>
    </message>
    <message>
        <source>{n} files wait, the first for a report not handed in. Leave again to give them up.</source>
        <translation>还有 {n} 个文件未上传，第一个随未提交的上报。再次退出即放弃。</translation>
    </message>
</context>
<context>
    <name>MapCanvas</name>
    <message>
        <source>Map</source>
        <translation>地图</translation>
    </message>
    <message>
        <source>{layer}: {failure}</source>
        <translation>{layer}：{failure}</translation>
    </message>
    <message>
        <source>Loading {layers}</source>
        <translation>正在加载 {layers}</translation>
    </message>
    <message>
        <source>No layer is turned on</source>
        <translation>没有打开任何图层</translation>
    </message>
</context>
<context>
    <name>MapPageForm</name>
    <message>
        <source>Save a map page</source>
        <translation>保存专题地图网页</translation>
    </message>
    <message>
        <source>Cases by area</source>
        <translation>各区域案件数</translation>
    </message>
    <message>
        <source>Closure rate by area</source>
        <translation>各区域结案率</translation>
    </message>
    <message>
        <source>Overdue share by area</source>
        <translation>各区域超期率</translation>
    </message>
    <message>
        <source>Where cases are (heat map)</source>
        <translation>案件分布（热力图）</translation>
    </message>
    <message>
        <source>Zones</source>
        <translation>片区</translation>
    </message>
    <message>
        <source>Communities</source>
        <translation>社区</translation>
    </message>
    <message>
        <source>Unit grids</source>
        <translation>单元网格</translation>
    </message>
    <message>
        <source>This month</source>
        <translation>本月</translation>
    </message>
    <message>
        <source>Last month</source>
        <translation>上月</translation>
    </message>
    <message>
        <source>The last 12 whole months</source>
        <translation>最近 12 个整月</translation>
    </message>
    <message>
        <source>All that there is</source>
        <translation>全部历史</translation>
    </message>
    <message>
        <source>The cases listed at the right: {words}</source>
        <translation>右侧列表中的案件：{words}</translation>
    </message>
    <message>
        <source>Open it in the browser</source>
        <translation>保存后在浏览器中打开</translation>
    </message>
    <message>
        <source>Save …</source>
        <translation>保存…</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Map</source>
        <translation>地图</translation>
    </message>
    <message>
        <source>Areas</source>
        <translation>区域</translation>
    </message>
    <message>
        <source>Period</source>
        <translation>时段</translation>
    </message>
</context>
<context>
    <name>MapPages</name>
    <message>
        <source>Save a map page</source>
        <translation>保存专题地图网页</translation>
    </message>
    <message>
        <source>Supervision</source>
        <translation>统计</translation>
    </message>
    <message>
        <source>A map page is being made already: wait for it.</source>
        <translation>正在生成另一张地图网页，请稍候。</translation>
    </message>
    <message>
        <source>The map page is being made.</source>
        <translation>正在生成地图网页。</translation>
    </message>
    <message>
        <source>The map page was saved to {path}.</source>
        <translation>地图网页已保存到 {path}。</translation>
    </message>
    <message>
        <source>No browser opened: open {path} yourself.</source>
        <translation>未能打开浏览器，请自行打开 {path}。</translation>
    </message>
</context>
<context>
    <name>MapPrint</name>
    <message>
        <source>N</source>
        <translation>北</translation>
    </message>
    <message>
        <source>Legend</source>
        <translation>图例</translation>
    </message>
    <message>
        <source>Centre {place}</source>
        <translation>中心 {place}</translation>
    </message>
    <message>
        <source>EPSG:4546, CGCS2000 / 3-degree Gauss-Krüger, CM 111°E</source>
        <translation>EPSG:4546，CGCS2000 三度带高斯-克吕格，中央经线 111°E</translation>
    </message>
</context>
<context>
    <name>Marking</name>
    <message>
        <source>No more than {n} cases are moved at once: the first {n} are marked.</source>
        <translation>一次最多批量办理 {n} 件：已勾选前 {n} 件。</translation>
    </message>
</context>
<context>
    <name>MeasureTool</name>
    <message>
        <source>{area} · border {length}</source>
        <translation>{area} · 周长 {length}</translation>
    </message>
</context>
<context>
    <name>MoveBar</name>
    <message>
        <source>The case was changed meanwhile.</source>
        <translation>案件已被他人更改。</translation>
    </message>
    <message>
        <source>{state}: nothing to be done with it from your post.</source>
        <translation>{state}：您的岗位此刻无可执行的操作。</translation>
    </message>
    <message>
        <source>A file is still being looked at. Send it again in a moment.</source>
        <translation>还有文件正在检查，请稍后再提交。</translation>
    </message>
</context>
<context>
    <name>MoveForm</name>
    <message>
        <source>{move}  Enter</source>
        <translation>{move}  Enter</translation>
    </message>
    <message>
        <source>Cancel  Esc</source>
        <translation>取消  Esc</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>{field} (optional)</source>
        <translation>{field}（可不填）</translation>
    </message>
    <message>
        <source>Number of the other case</source>
        <translation>另一案件的编号</translation>
    </message>
    <message>
        <source>Filing condition: code, name or initials</source>
        <translation>立案条件：代码、名称或拼音首字母</translation>
    </message>
    <message>
        <source>Class: code, name or initials</source>
        <translation>类别：代码、名称或拼音首字母</translation>
    </message>
    <message>
        <source>Department: code, name or initials</source>
        <translation>部门：代码、名称或拼音首字母</translation>
    </message>
    <message>
        <source>The team of the zone</source>
        <translation>片区采集队</translation>
    </message>
    <message>
        <source>Perhaps reported already: within {radius} and {hours} h</source>
        <translation>可能重复：{radius}、{hours} 小时以内</translation>
    </message>
    <message>
        <source>Cases that this one may repeat</source>
        <translation>可能重复的案件</translation>
    </message>
    <message>
        <source>Merge into this case  Ctrl+M</source>
        <translation>并入此案  Ctrl+M</translation>
    </message>
    <message>
        <source>Proposed: {reason}</source>
        <translation>建议：{reason}</translation>
    </message>
    <message>
        <source> · due {time}</source>
        <translation> · 截止 {time}</translation>
    </message>
    <message>
        <source>{time} earlier</source>
        <translation>早 {time}</translation>
    </message>
    <message>
        <source>{time} later</source>
        <translation>晚 {time}</translation>
    </message>
    <message>
        <source>{who}: “{words}”</source>
        <translation>{who}：“{words}”</translation>
    </message>
</context>
<context>
    <name>MoveTrouble</name>
    <message>
        <source>Still to be filled in: {field}</source>
        <translation>还需填写：{field}</translation>
    </message>
    <message>
        <source>Enter sends yours for the case as it is now.</source>
        <translation>按 Enter 按案件现状提交您的内容。</translation>
    </message>
    <message>
        <source>“{move}” is not possible any more; your words stay here.</source>
        <translation>现已不能“{move}”；您填写的内容仍保留在此。</translation>
    </message>
</context>
<context>
    <name>NearPanel</name>
    <message>
        <source>Who</source>
        <translation>人员/车辆</translation>
    </message>
    <message>
        <source>Known by</source>
        <translation>位置依据</translation>
    </message>
    <message>
        <source>Distance</source>
        <translation>距离</translation>
    </message>
    <message>
        <source>Age</source>
        <translation>时效</translation>
    </message>
    <message>
        <source>Who is near</source>
        <translation>附近力量</translation>
    </message>
    <message>
        <source>Choose a flood point to see who is near.</source>
        <translation>选择易涝点，查看附近力量。</translation>
    </message>
    <message>
        <source>Who is near {place}</source>
        <translation>{place}附近力量</translation>
    </message>
    <message>
        <source>Who is near is known of the present only.</source>
        <translation>附近人员只显示当前情况。</translation>
    </message>
    <message>
        <source>Choose a flood point first.</source>
        <translation>请先选择易涝点。</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>不明</translation>
    </message>
    <message>
        <source>Reported only: a dispatcher or shift leader speaks to drivers.</source>
        <translation>仅上报：由派遣员或值班长通知驾驶员。</translation>
    </message>
    <message>
        <source>Reported only: nobody is marked in the list.</source>
        <translation>仅上报：列表中未选中任何人。</translation>
    </message>
    <message>
        <source>{who} is asked to go and verify it.</source>
        <translation>将派{who}前往核实。</translation>
    </message>
    <message>
        <source>The driver of {who} is told to come.</source>
        <translation>将通知{who}的驾驶员前往。</translation>
    </message>
    <message>
        <source>It is accepted for the department of {who}.</source>
        <translation>将为{who}所在部门受理。</translation>
    </message>
    <message>
        <source>Flood point {place}: please come and wait for orders there.</source>
        <translation>请立即前往易涝点{place}待命。</translation>
    </message>
    <message>
        <source>Water on the road at {place}, depth {depth}.</source>
        <translation>{place}道路积水，水深{depth}。</translation>
    </message>
    <message>
        <source>Nobody is known near this flood point.</source>
        <translation>该易涝点附近没有已知力量。</translation>
    </message>
    <message>
        <source>{n} of the zone</source>
        <translation>本片区 {n} 人</translation>
    </message>
    <message>
        <source>position</source>
        <translation>定位</translation>
    </message>
    <message>
        <source>last case</source>
        <translation>最近核实/核查处</translation>
    </message>
    <message>
        <source>home: {zone}</source>
        <translation>责任区：{zone}</translation>
    </message>
    <message>
        <source>whole city</source>
        <translation>全市</translation>
    </message>
    <message>
        <source>silent since</source>
        <translation>失联</translation>
    </message>
    <message>
        <source>{words} · off duty</source>
        <translation>{words} · 未排班</translation>
    </message>
    <message>
        <source>in it</source>
        <translation>区内</translation>
    </message>
</context>
<context>
    <name>NetworkPanel</name>
    <message>
        <source>Network</source>
        <translation>管网</translation>
    </message>
    <message>
        <source>Code or street …</source>
        <translation>编号或道路…</translation>
    </message>
    <message>
        <source>Pipes</source>
        <translation>排水管道</translation>
    </message>
    <message>
        <source>Manholes</source>
        <translation>检查井</translation>
    </message>
    <message>
        <source>Code</source>
        <translation>编号</translation>
    </message>
    <message>
        <source>Street</source>
        <translation>道路</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>规格</translation>
    </message>
    <message>
        <source>System: any</source>
        <translation>系统：不限</translation>
    </message>
    <message>
        <source>State: any</source>
        <translation>状态：不限</translation>
    </message>
    <message>
        <source>Any size</source>
        <translation>规格不限</translation>
    </message>
    <message>
        <source>first {n}</source>
        <translation>前 {n} 条</translation>
    </message>
    <message>
        <source>Nothing fits.</source>
        <translation>没有符合条件的对象。</translation>
    </message>
</context>
<context>
    <name>NoticeHistory</name>
    <message>
        <source>Notices</source>
        <translation>通知</translation>
    </message>
    <message>
        <source>Nothing yet in this session.</source>
        <translation>本次登录暂无通知。</translation>
    </message>
</context>
<context>
    <name>Notices</name>
    <message>
        <source>The program made a mistake ({kind}). It is written down in the log.</source>
        <translation>程序出错（{kind}），已记入日志。</translation>
    </message>
    <message>
        <source>Not saved: {reason}</source>
        <translation>未保存：{reason}</translation>
    </message>
</context>
<context>
    <name>OpeningWindow</name>
    <message>
        <source>Yuncheng Console</source>
        <translation>运城城管指挥台</translation>
    </message>
    <message>
        <source>Starting …</source>
        <translation>正在启动…</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>OverviewPanel</name>
    <message>
        <source>Figures</source>
        <translation>指标</translation>
    </message>
    <message>
        <source>This month</source>
        <translation>本月</translation>
    </message>
    <message>
        <source>Most frequent classes</source>
        <translation>高发小类</translation>
    </message>
    <message>
        <source>Closed in time by zone</source>
        <translation>各片区按期结案率</translation>
    </message>
    <message>
        <source>Disposed in time by department</source>
        <translation>各部门按期处置率</translation>
    </message>
    <message>
        <source>A click on a figure or a bar lists the cases behind it. Bars of rates begin at 80 %.</source>
        <translation>点击数字或条形，列出对应案件。比率条形自 80% 起。</translation>
    </message>
    <message>
        <source>Last month: {value}</source>
        <translation>上月：{value}</translation>
    </message>
    <message>
        <source>{n} reported in all</source>
        <translation>累计上报 {n}</translation>
    </message>
    <message>
        <source>reported</source>
        <translation>上报</translation>
    </message>
    <message>
        <source>filed</source>
        <translation>立案</translation>
    </message>
    <message>
        <source>closed</source>
        <translation>结案</translation>
    </message>
    <message>
        <source>direct assessments</source>
        <translation>直接考核</translation>
    </message>
    <message>
        <source>closed in time</source>
        <translation>按期结案率</translation>
    </message>
    <message>
        <source>disposed in time</source>
        <translation>按期处置率</translation>
    </message>
</context>
<context>
    <name>ParameterForm</name>
    <message>
        <source>Set</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
</context>
<context>
    <name>PastAlarmList</name>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Since</source>
        <translation>起始</translation>
    </message>
    <message>
        <source>Where</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>What</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>Alarms that stood at this instant</source>
        <translation>该时刻的报警</translation>
    </message>
    <message>
        <source>Alarms at {time}</source>
        <translation>{time} 的报警</translation>
    </message>
    <message>
        <source>No alarm stood at this instant.</source>
        <translation>该时刻没有报警。</translation>
    </message>
</context>
<context>
    <name>PastAlarms</name>
    <message>
        <source>Alarms that stood at this instant  (Ctrl+F9)</source>
        <translation>该时刻的报警  (Ctrl+F9)</translation>
    </message>
    <message>
        <source>No alarm then</source>
        <translation>当时无报警</translation>
    </message>
</context>
<context>
    <name>PeriodField</name>
    <message>
        <source>Period of the replay</source>
        <translation>回放时段</translation>
    </message>
    <message>
        <source>Last 24 hours</source>
        <translation>最近 24 小时</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>今天</translation>
    </message>
    <message>
        <source>Yesterday</source>
        <translation>昨天</translation>
    </message>
    <message>
        <source>Last 7 days</source>
        <translation>最近 7 天</translation>
    </message>
    <message>
        <source>Another day</source>
        <translation>其他日期</translation>
    </message>
    <message>
        <source>From … to …</source>
        <translation>从…到…</translation>
    </message>
    <message>
        <source>Day of the replay</source>
        <translation>回放日期</translation>
    </message>
    <message>
        <source>Begin of the replay</source>
        <translation>回放开始时间</translation>
    </message>
    <message>
        <source>End of the replay</source>
        <translation>回放结束时间</translation>
    </message>
</context>
<context>
    <name>PieceView</name>
    <message>
        <source>Open with another program  Ctrl+O</source>
        <translation>用其他程序打开  Ctrl+O</translation>
    </message>
    <message>
        <source>Loading …</source>
        <translation>正在加载…</translation>
    </message>
    <message>
        <source>This cannot be played here: {reason}</source>
        <translation>无法在此播放：{reason}</translation>
    </message>
</context>
<context>
    <name>PlaceField</name>
    <message>
        <source>Address, crossing, component code or coordinates</source>
        <translation>地址、路口、部件编码或坐标</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>地址</translation>
    </message>
    <message>
        <source>Pick the place on the map</source>
        <translation>在地图上选取位置</translation>
    </message>
    <message>
        <source>Places that the address may mean</source>
        <translation>地址可能对应的位置</translation>
    </message>
    <message>
        <source>Component</source>
        <translation>部件</translation>
    </message>
    <message>
        <source>Components of the class here</source>
        <translation>此处该小类的部件</translation>
    </message>
    <message>
        <source>This place lies outside the city: pick another one.</source>
        <translation>该位置不在本市范围内，请另选。</translation>
    </message>
    <message>
        <source>No component</source>
        <translation>不关联部件</translation>
    </message>
    <message>
        <source>The case is about the place alone</source>
        <translation>案件只与位置有关</translation>
    </message>
    <message>
        <source>Type an address or pick the place on the map.</source>
        <translation>请输入地址，或在地图上选取位置。</translation>
    </message>
    <message>
        <source>{distance} from where it was</source>
        <translation>距原位置 {distance}</translation>
    </message>
</context>
<context>
    <name>Player</name>
    <message>
        <source>Play, pause  (Space)</source>
        <translation>播放、暂停  (空格)</translation>
    </message>
    <message>
        <source>Place in the recording</source>
        <translation>播放位置</translation>
    </message>
</context>
<context>
    <name>PointPanel</name>
    <message>
        <source>Flood points</source>
        <translation>易涝点</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>地点</translation>
    </message>
    <message>
        <source>Water</source>
        <translation>水深</translation>
    </message>
    <message>
        <source>Age</source>
        <translation>时效</translation>
    </message>
    <message>
        <source>{believed} of {all} to be believed</source>
        <translation>{all} 处中 {believed} 处可信</translation>
    </message>
    <message>
        <source>No flood point is registered.</source>
        <translation>尚未登记易涝点。</translation>
    </message>
</context>
<context>
    <name>PresenceLine</name>
    <message>
        <source>{who} has this case open since {time}</source>
        <translation>{who} 自 {time} 起正在查看本案</translation>
    </message>
    <message>
        <source>{who} have this case open, the first since {time}</source>
        <translation>{who} 正在查看本案，最早自 {time} 起</translation>
    </message>
</context>
<context>
    <name>Program</name>
    <message>
        <source>Connecting to {server} …</source>
        <translation>正在连接 {server}…</translation>
    </message>
    <message>
        <source>Starting the database …</source>
        <translation>正在启动数据库…</translation>
    </message>
    <message>
        <source>Preparing the schema …</source>
        <translation>正在准备数据结构…</translation>
    </message>
    <message>
        <source>Demonstration city</source>
        <translation>示例城市</translation>
    </message>
    <message>
        <source>Signing in …</source>
        <translation>正在登录…</translation>
    </message>
    <message>
        <source>The program made a mistake ({kind}). It is written down in the log in {folder}.</source>
        <translation>程序出错（{kind}），已记入 {folder} 中的日志。</translation>
    </message>
</context>
<context>
    <name>QueueList</name>
    <message>
        <source>Case queue</source>
        <translation>案件队列</translation>
    </message>
</context>
<context>
    <name>QueuePanel</name>
    <message>
        <source>Case queue</source>
        <translation>案件队列</translation>
    </message>
    <message>
        <source>The queue has changed · R shows it</source>
        <translation>队列有变化 · 按 R 刷新</translation>
    </message>
    <message>
        <source>J/K next · Enter go there · Space mark · / search</source>
        <translation>J/K 上下 · Enter 定位 · 空格 勾选 · / 查找</translation>
    </message>
    <message>
        <source>No case fits these filters.</source>
        <translation>没有符合筛选条件的案件。</translation>
    </message>
    <message>
        <source>No case of this queue fits these filters. “{all}” looks through the whole history.</source>
        <translation>此队列中没有符合筛选条件的案件。“{all}”可查全部历史案件。</translation>
    </message>
    <message>
        <source>Nothing waits here.</source>
        <translation>此处没有待办案件。</translation>
    </message>
    <message>
        <source>{n} cases</source>
        <translation>{n} 件</translation>
    </message>
    <message>
        <source>1 case</source>
        <translation>1 件</translation>
    </message>
    <message>
        <source>{n} marked · {cases}</source>
        <translation>已勾选 {n} · {cases}</translation>
    </message>
</context>
<context>
    <name>ReasonForm</name>
    <message>
        <source>Why?</source>
        <translation>为什么？</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>原因</translation>
    </message>
    <message>
        <source> min</source>
        <translation> 分钟</translation>
    </message>
    <message>
        <source>Minutes</source>
        <translation>分钟数</translation>
    </message>
    <message>
        <source>{act}  Enter</source>
        <translation>{act}  Enter</translation>
    </message>
</context>
<context>
    <name>RecordPage</name>
    <message>
        <source>Who changed what</source>
        <translation>修改记录</translation>
    </message>
    <message>
        <source>When</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Who</source>
        <translation>修改人</translation>
    </message>
    <message>
        <source>What</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>Entry</source>
        <translation>条目</translation>
    </message>
    <message>
        <source>Changes</source>
        <translation>修改</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>The latest {n} changes; nobody can alter this record.</source>
        <translation>最近 {n} 次修改；记录任何人都无法更改。</translation>
    </message>
    <message>
        <source>{n} entries</source>
        <translation>{n} 条</translation>
    </message>
    <message>
        <source>1 entry</source>
        <translation>1 条</translation>
    </message>
    <message>
        <source>Nothing has been changed yet.</source>
        <translation>尚无修改。</translation>
    </message>
</context>
<context>
    <name>ReferenceField</name>
    <message>
        <source>Code, name or initials</source>
        <translation>代码、名称或拼音首字母</translation>
    </message>
</context>
<context>
    <name>Replay</name>
    <message>
        <source>Replay</source>
        <translation>回放</translation>
    </message>
    <message>
        <source>Replay the past, or back to the present</source>
        <translation>回放过去，或回到当前</translation>
    </message>
    <message>
        <source>Play, or stop</source>
        <translation>播放或暂停</translation>
    </message>
    <message>
        <source>A minute back</source>
        <translation>后退一分钟</translation>
    </message>
    <message>
        <source>A minute on</source>
        <translation>前进一分钟</translation>
    </message>
    <message>
        <source>To the alarm before</source>
        <translation>到上一条报警</translation>
    </message>
    <message>
        <source>To the next alarm</source>
        <translation>到下一条报警</translation>
    </message>
    <message>
        <source>Alarms that stood then</source>
        <translation>当时的报警</translation>
    </message>
    <message>
        <source>Slower</source>
        <translation>减速</translation>
    </message>
    <message>
        <source>Faster</source>
        <translation>加速</translation>
    </message>
    <message>
        <source>No further alarm in this period</source>
        <translation>此时段内没有更多报警</translation>
    </message>
    <message>
        <source>Reading …</source>
        <translation>正在读取…</translation>
    </message>
    <message>
        <source>The end must be after the begin, and the begin must be over.</source>
        <translation>结束须晚于开始，且开始不能是将来。</translation>
    </message>
    <message>
        <source>Past: {time}</source>
        <translation>历史回放：{time}</translation>
    </message>
</context>
<context>
    <name>ReportDesk</name>
    <message>
        <source>Report a case</source>
        <translation>登记案件</translation>
    </message>
    <message>
        <source>A file is still being looked at. Send it again in a moment.</source>
        <translation>还有文件正在检查，请稍后再提交。</translation>
    </message>
    <message>
        <source>The report is case {number}.</source>
        <translation>已登记为案件 {number}。</translation>
    </message>
</context>
<context>
    <name>ReportForm</name>
    <message>
        <source>Source</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>What is wrong</source>
        <translation>问题描述</translation>
    </message>
    <message>
        <source>Class: code, name or initials (optional)</source>
        <translation>小类：代码、名称或首字母（可选）</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>级别</translation>
    </message>
    <message>
        <source>Name of the caller</source>
        <translation>来电人</translation>
    </message>
    <message>
        <source>Phone of the caller</source>
        <translation>来电电话</translation>
    </message>
    <message>
        <source>Wants to be called back</source>
        <translation>需要回访</translation>
    </message>
    <message>
        <source>Cases that this report may repeat</source>
        <translation>可能重复的案件</translation>
    </message>
    <message>
        <source>Report  Enter</source>
        <translation>登记  Enter</translation>
    </message>
    <message>
        <source>Put aside  Esc</source>
        <translation>暂放  Esc</translation>
    </message>
    <message>
        <source>Report a case</source>
        <translation>登记案件</translation>
    </message>
    <message>
        <source>Say what is wrong.</source>
        <translation>请填写问题描述。</translation>
    </message>
    <message>
        <source>Say where it is: type an address and choose it, or pick the place on the map.</source>
        <translation>请填写位置：输入地址后选中，或在地图上点选。</translation>
    </message>
    <message>
        <source>Perhaps reported already: within {radius} and {hours} h</source>
        <translation>可能已有上报：{radius}、{hours} 小时内</translation>
    </message>
</context>
<context>
    <name>Review</name>
    <message>
        <source>In force from</source>
        <translation>生效日期</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>Why is it changed? The record keeps it.</source>
        <translation>为何修改？将记入修改记录。</translation>
    </message>
    <message>
        <source>Back  Esc</source>
        <translation>返回  Esc</translation>
    </message>
    <message>
        <source>Save  Enter</source>
        <translation>保存  Enter</translation>
    </message>
    <message>
        <source>and {n} more, which the table marks</source>
        <translation>另有 {n} 项，见表中标记</translation>
    </message>
    <message>
        <source>1 entry is to be mended first; it is marked with ▲.</source>
        <translation>有 1 条需先改正，已用 ▲ 标出。</translation>
    </message>
    <message>
        <source>{n} entries are to be mended first; they are marked with ▲.</source>
        <translation>有 {n} 条需先改正，已用 ▲ 标出。</translation>
    </message>
    <message>
        <source>1 entry was changed meanwhile by somebody else; decide first.</source>
        <translation>有 1 条已被他人修改，请先决定。</translation>
    </message>
    <message>
        <source>{n} entries were changed meanwhile by somebody else; decide first.</source>
        <translation>有 {n} 条已被他人同时修改，请先取舍。</translation>
    </message>
    <message>
        <source>From which day on? Written like 2026-07-01.</source>
        <translation>自哪一天起生效？格式如 2026-07-01。</translation>
    </message>
    <message>
        <source>Say why it is changed: whoever reads the record later will ask.</source>
        <translation>请填写修改原因，便于日后查阅。</translation>
    </message>
    <message>
        <source>goes</source>
        <translation>删除</translation>
    </message>
</context>
<context>
    <name>RosterPage</name>
    <message>
        <source>Posts by days</source>
        <translation>岗位与日期</translation>
    </message>
    <message>
        <source>Shift+arrows select several · Enter: in full · grey: no working day · ＋ new ✎ changed ✕ goes</source>
        <translation>Shift+方向键选多格 · 回车查看全部 · 灰底为非工作日 · ＋ 新增 ✎ 修改 ✕ 删除</translation>
    </message>
    <message>
        <source>Free  0</source>
        <translation>休  0</translation>
    </message>
    <message>
        <source>Choose a cell</source>
        <translation>请选择一格</translation>
    </message>
    <message>
        <source>{n} shifts selected</source>
        <translation>已选 {n} 格</translation>
    </message>
    <message>
        <source>At most {n} shifts are decided at once.</source>
        <translation>一次最多设置 {n} 格。</translation>
    </message>
</context>
<context>
    <name>RosterPlan</name>
    <message>
        <source>Continue the rosters for two weeks</source>
        <translation>排班顺延两周</translation>
    </message>
    <message>
        <source>Configuration</source>
        <translation>应用维护</translation>
    </message>
    <message>
        <source>There is no roster that could go on, or it is drafted already.</source>
        <translation>没有可顺延的排班，或已经起草。</translation>
    </message>
    <message>
        <source>1 shift from {first} to {last} is drafted: look at it, then save.</source>
        <translation>已起草 {first} 至 {last} 的 1 个班次，请查看后保存。</translation>
    </message>
    <message>
        <source>{n} shifts from {first} to {last} are drafted: look through them, then save.</source>
        <translation>已起草 {first} 至 {last} 的 {n} 个班次，请查看后保存。</translation>
    </message>
</context>
<context>
    <name>RouteTools</name>
    <message>
        <source>Propose a route</source>
        <translation>建议路线</translation>
    </message>
    <message>
        <source>The quickest way from the work site to the dump site, around forbidden areas</source>
        <translation>由工地至消纳场的最快路线，避开禁行区</translation>
    </message>
    <message>
        <source>Via …</source>
        <translation>途经…</translation>
    </message>
    <message>
        <source>Click a place on the map that the route shall pass</source>
        <translation>在地图上单击路线须经过的地点</translation>
    </message>
    <message>
        <source>Turn round</source>
        <translation>反转方向</translation>
    </message>
    <message>
        <source>Back to the route before</source>
        <translation>恢复原路线</translation>
    </message>
    <message>
        <source>Check</source>
        <translation>核查</translation>
    </message>
    <message>
        <source>Choose the work site and the dump site first.</source>
        <translation>请先选择出土工地和消纳场。</translation>
    </message>
    <message>
        <source>Through {n} chosen places.</source>
        <translation>经过 {n} 个指定地点。</translation>
    </message>
    <message>
        <source>No way leads around the forbidden areas.</source>
        <translation>无法绕开禁行区。</translation>
    </message>
    <message>
        <source>No street leads on at {n} places: it is straight there.</source>
        <translation>有 {n} 处无道路相连，已以直线连接。</translation>
    </message>
</context>
<context>
    <name>RowList</name>
    <message>
        <source>Search …</source>
        <translation>搜索…</translation>
    </message>
    <message>
        <source>Which permits</source>
        <translation>列出哪些许可</translation>
    </message>
    <message>
        <source>All permits</source>
        <translation>全部许可</translation>
    </message>
    <message>
        <source>In force today</source>
        <translation>今日有效</translation>
    </message>
    <message>
        <source>With something wrong</source>
        <translation>核查有问题</translation>
    </message>
    <message>
        <source>Expired or revoked</source>
        <translation>已过期或已撤销</translation>
    </message>
    <message>
        <source>{n} of {all}</source>
        <translation>{n} / {all}</translation>
    </message>
</context>
<context>
    <name>RuleList</name>
    <message>
        <source>Alarm rules</source>
        <translation>报警规则</translation>
    </message>
    <message>
        <source>Search …</source>
        <translation>查找…</translation>
    </message>
    <message>
        <source>Rule</source>
        <translation>规则</translation>
    </message>
    <message>
        <source>Grade</source>
        <translation>等级</translation>
    </message>
    <message>
        <source>Set point</source>
        <translation>报警值</translation>
    </message>
    <message>
        <source>30 days</source>
        <translation>30 天</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>All</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Trucks</source>
        <translation>车辆</translation>
    </message>
    <message>
        <source>Water and rain</source>
        <translation>水位雨量</translation>
    </message>
    <message>
        <source>{n} of {all} in force</source>
        <translation>{all} 条中 {n} 条启用</translation>
    </message>
</context>
<context>
    <name>RulePanel</name>
    <message>
        <source>Rule</source>
        <translation>规则</translation>
    </message>
    <message>
        <source>Its figures are assumed: nobody has confirmed them by saving the rule yet.</source>
        <translation>参数为暂定值：尚未有人保存确认。</translation>
    </message>
    <message>
        <source>Undo my changes</source>
        <translation>撤销我的修改</translation>
    </message>
    <message>
        <source>Try it on the past</source>
        <translation>用历史数据试算</translation>
    </message>
    <message>
        <source>Choose a rule in the list.</source>
        <translation>请在列表中选择规则。</translation>
    </message>
    <message>
        <source>To be tried, a rule needs its points, and figures that can be read; see what is marked.</source>
        <translation>试算需要报警值、消除值，且各项数字有效；请看标出的项。</translation>
    </message>
    <message>
        <source>Nothing is changed here.</source>
        <translation>此处没有修改。</translation>
    </message>
    <message>
        <source>What will be saved</source>
        <translation>将要保存的修改</translation>
    </message>
    <message>
        <source>version {n}</source>
        <translation>第 {n} 版</translation>
    </message>
</context>
<context>
    <name>RuleVersions</name>
    <message>
        <source>Version</source>
        <translation>版本</translation>
    </message>
    <message>
        <source>When</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>from the start</source>
        <translation>初始版本</translation>
    </message>
    <message>
        <source>Who</source>
        <translation>人员</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>Versions of the rule</source>
        <translation>规则的版本</translation>
    </message>
    <message>
        <source>Compare with</source>
        <translation>比较对象</translation>
    </message>
    <message>
        <source>Put it into the form</source>
        <translation>填入表单</translation>
    </message>
    <message>
        <source>Compared with</source>
        <translation>与之比较</translation>
    </message>
    <message>
        <source>Versions</source>
        <translation>版本</translation>
    </message>
    <message>
        <source>the version before</source>
        <translation>上一版</translation>
    </message>
    <message>
        <source>what the form says</source>
        <translation>表单中的内容</translation>
    </message>
    <message>
        <source>version {n}</source>
        <translation>第 {n} 版</translation>
    </message>
    <message>
        <source>There is no version before it.</source>
        <translation>没有更早的版本。</translation>
    </message>
    <message>
        <source>They do not differ.</source>
        <translation>没有差别。</translation>
    </message>
</context>
<context>
    <name>SavedFilters</name>
    <message>
        <source>Saved filters</source>
        <translation>已存筛选</translation>
    </message>
    <message>
        <source>Saved filter {n}</source>
        <translation>已存筛选 {n}</translation>
    </message>
    <message>
        <source>Department</source>
        <translation>部门</translation>
    </message>
    <message>
        <source>My own</source>
        <translation>我的</translation>
    </message>
    <message>
        <source>Save what is set …</source>
        <translation>保存当前筛选…</translation>
    </message>
    <message>
        <source>Forget</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>The filter “{name}” is saved.</source>
        <translation>筛选“{name}”已保存。</translation>
    </message>
</context>
<context>
    <name>SavingForm</name>
    <message>
        <source>Name of the filter</source>
        <translation>筛选名称</translation>
    </message>
    <message>
        <source>Key</source>
        <translation>快捷键</translation>
    </message>
    <message>
        <source>For the whole department</source>
        <translation>全部门共享</translation>
    </message>
    <message>
        <source>Save  Enter</source>
        <translation>保存  Enter</translation>
    </message>
    <message>
        <source>Cancel  Esc</source>
        <translation>取消  Esc</translation>
    </message>
    <message>
        <source>no key</source>
        <translation>无快捷键</translation>
    </message>
</context>
<context>
    <name>SearchedTable</name>
    <message>
        <source>Search in any column …</source>
        <translation>在任意列中查找…</translation>
    </message>
</context>
<context>
    <name>SensorPanel</name>
    <message>
        <source>Choose a sensor or device in the table.</source>
        <translation>请在表中选择传感器或设备。</translation>
    </message>
    <message>
        <source>Its latest message</source>
        <translation>最近一条消息</translation>
    </message>
    <message>
        <source>Measured</source>
        <translation>测于</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>数值</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>Refused and suspect readings</source>
        <translation>被拒和存疑的读数</translation>
    </message>
    <message>
        <source>How the device speaks</source>
        <translation>设备协议</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>地址</translation>
    </message>
    <message>
        <source>Sensor</source>
        <translation>传感器</translation>
    </message>
    <message>
        <source>Code or place of the sensor</source>
        <translation>传感器编码或位置</translation>
    </message>
    <message>
        <source>Factor</source>
        <translation>系数</translation>
    </message>
    <message>
        <source>Factor; empty where the unit is known</source>
        <translation>系数；单位已知时留空</translation>
    </message>
    <message>
        <source>Shift</source>
        <translation>交接班</translation>
    </message>
    <message>
        <source>Shift in the unit of the sensor; 0 if empty</source>
        <translation>零点修正，按传感器单位；留空为 0</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>密码</translation>
    </message>
    <message>
        <source>Password of the station, such as 03E8; any if empty</source>
        <translation>测站密码，如 03E8；留空不校验</translation>
    </message>
    <message>
        <source>Connect and let it in</source>
        <translation>关联并准入</translation>
    </message>
    <message>
        <source>Connect a device</source>
        <translation>关联设备</translation>
    </message>
    <message>
        <source>Refused and suspect: {n}</source>
        <translation>被拒和存疑：{n}</translation>
    </message>
    <message>
        <source>No reading was refused</source>
        <translation>没有被拒的读数</translation>
    </message>
    <message>
        <source>Choose a sensor of the list.</source>
        <translation>请从列表中选择传感器。</translation>
    </message>
    <message>
        <source>Factor and shift are numbers; the factor is more than 0.</source>
        <translation>系数和修正值须为数字，系数须大于 0。</translation>
    </message>
    <message>
        <source>Station code of ten digits</source>
        <translation>十位测站编码</translation>
    </message>
    <message>
        <source>Element, such as 39</source>
        <translation>要素标识，如 39</translation>
    </message>
    <message>
        <source>Topic</source>
        <translation>主题</translation>
    </message>
    <message>
        <source>Member of the message, such as level_cm</source>
        <translation>消息字段，如 level_cm</translation>
    </message>
    <message>
        <source>Id in the message</source>
        <translation>消息中的 id</translation>
    </message>
    <message>
        <source>The unit does not follow from this name: a factor is needed.</source>
        <translation>从名称看不出单位：须填系数。</translation>
    </message>
    <message>
        <source>Disconnect</source>
        <translation>断开</translation>
    </message>
    <message>
        <source>Press again</source>
        <translation>再按一次</translation>
    </message>
    <message>
        <source>Flood point</source>
        <translation>易涝点</translation>
    </message>
    <message>
        <source>Measures</source>
        <translation>要素</translation>
    </message>
    <message>
        <source>Every</source>
        <translation>间隔</translation>
    </message>
    <message>
        <source>{n} s</source>
        <translation>{n} 秒</translation>
    </message>
    <message>
        <source>Latest</source>
        <translation>最新值</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>质量</translation>
    </message>
    <message>
        <source>good</source>
        <translation>良好</translation>
    </message>
    <message>
        <source>Measured at</source>
        <translation>测得时间</translation>
    </message>
    <message>
        <source>Speaks</source>
        <translation>协议</translation>
    </message>
    <message>
        <source>Came from</source>
        <translation>来源地址</translation>
    </message>
    <message>
        <source>Messages</source>
        <translation>消息数</translation>
    </message>
    <message>
        <source>First seen</source>
        <translation>首次出现</translation>
    </message>
    <message>
        <source>Last seen</source>
        <translation>最近出现</translation>
    </message>
    <message>
        <source>Brings</source>
        <translation>上报内容</translation>
    </message>
</context>
<context>
    <name>SensorsPage</name>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Sensor</source>
        <translation>传感器</translation>
    </message>
    <message>
        <source>Measures</source>
        <translation>要素</translation>
    </message>
    <message>
        <source>Speaks</source>
        <translation>协议</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>地址</translation>
    </message>
    <message>
        <source>Latest</source>
        <translation>最新值</translation>
    </message>
    <message>
        <source>Age</source>
        <translation>时效</translation>
    </message>
    <message>
        <source>Suspect</source>
        <translation>存疑</translation>
    </message>
    <message>
        <source>Bad</source>
        <translation>坏值</translation>
    </message>
    <message>
        <source>Wrong time</source>
        <translation>时间错误</translation>
    </message>
    <message>
        <source>No sensor is registered, and no device has called.</source>
        <translation>没有登记传感器，也没有设备来报。</translation>
    </message>
    <message>
        <source>{address} is let in; the gateway hears it within seconds.</source>
        <translation>{address} 已接入，网关数秒内开始接收。</translation>
    </message>
    <message>
        <source>{field} of {address} is not heard any more.</source>
        <translation>不再接收 {address} 的 {field}。</translation>
    </message>
    <message>
        <source>Asks to come in</source>
        <translation>申请接入</translation>
    </message>
    <message>
        <source>Silent</source>
        <translation>静默</translation>
    </message>
    <message>
        <source>Never heard</source>
        <translation>从未上报</translation>
    </message>
    <message>
        <source>Heard</source>
        <translation>在线</translation>
    </message>
    <message>
        <source>no device is connected</source>
        <translation>未关联设备</translation>
    </message>
</context>
<context>
    <name>ShapeField</name>
    <message>
        <source>Go on drawing</source>
        <translation>继续绘制</translation>
    </message>
    <message>
        <source>The drawing that was given up last</source>
        <translation>继续上次放弃的绘制</translation>
    </message>
    <message>
        <source>no route yet</source>
        <translation>尚无路线</translation>
    </message>
    <message>
        <source>not drawn yet</source>
        <translation>尚未绘制</translation>
    </message>
    <message>
        <source>Done  Enter</source>
        <translation>完成  Enter</translation>
    </message>
    <message>
        <source>Change on the map</source>
        <translation>在地图上修改</translation>
    </message>
    <message>
        <source>Draw on the map</source>
        <translation>在地图上绘制</translation>
    </message>
</context>
<context>
    <name>ShiftDesk</name>
    <message>
        <source>Hand over the shift</source>
        <translation>交班</translation>
    </message>
    <message>
        <source>Take over the shift</source>
        <translation>接班</translation>
    </message>
    <message>
        <source>Notes of the shift before</source>
        <translation>上一班的交班记录</translation>
    </message>
    <message>
        <source>The shift is handed over: it waits to be taken over.</source>
        <translation>已交班，等待接班。</translation>
    </message>
    <message>
        <source>{who} has taken over your shift.</source>
        <translation>{who} 已接您的班。</translation>
    </message>
</context>
<context>
    <name>StandardFiles</name>
    <message>
        <source>Configuration</source>
        <translation>应用维护</translation>
    </message>
    <message>
        <source>Write the standard to Excel</source>
        <translation>将立案标准导出到 Excel</translation>
    </message>
    <message>
        <source>Read a standard from Excel</source>
        <translation>从 Excel 读入立案标准</translation>
    </message>
    <message>
        <source>Filing standard {day}.xlsx</source>
        <translation>立案标准 {day}.xlsx</translation>
    </message>
    <message>
        <source>{n} conditions were written to {path}.</source>
        <translation>已将 {n} 条立案条件写入 {path}。</translation>
    </message>
    <message>
        <source>1 condition was written to {path}.</source>
        <translation>已将 1 条立案条件写入 {path}。</translation>
    </message>
</context>
<context>
    <name>StandardPage</name>
    <message>
        <source>Standard from Excel</source>
        <translation>从 Excel 导入立案标准</translation>
    </message>
    <message>
        <source>Verdict on each line</source>
        <translation>逐行结论</translation>
    </message>
    <message>
        <source>End conditions that the file does not have</source>
        <translation>终止文件中没有的条件</translation>
    </message>
    <message>
        <source>Line</source>
        <translation>行</translation>
    </message>
    <message>
        <source>Class</source>
        <translation>小类</translation>
    </message>
    <message>
        <source>Filing condition</source>
        <translation>立案条件</translation>
    </message>
    <message>
        <source>Verdict</source>
        <translation>结论</translation>
    </message>
    <message>
        <source>What changes, or why not</source>
        <translation>变化或原因</translation>
    </message>
    <message>
        <source>In force from</source>
        <translation>生效日期</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>Why is it changed?</source>
        <translation>修改原因</translation>
    </message>
    <message>
        <source>Back  Esc</source>
        <translation>返回  Esc</translation>
    </message>
    <message>
        <source>Left out, without the columns of a standard: {names}.</source>
        <translation>未读入（没有立案标准所需的列）：{names}。</translation>
    </message>
    <message>
        <source>Standard from {file}</source>
        <translation>立案标准：{file}</translation>
    </message>
    <message>
        <source>{n} lines</source>
        <translation>{n} 行</translation>
    </message>
    <message>
        <source>1 line</source>
        <translation>1 行</translation>
    </message>
    <message>
        <source>all</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Import {n} changes  Enter</source>
        <translation>导入 {n} 项修改  Enter</translation>
    </message>
    <message>
        <source>Import 1 change  Enter</source>
        <translation>导入 1 项修改  Enter</translation>
    </message>
    <message>
        <source>From which day on? Written like 2026-07-01.</source>
        <translation>自哪一天起生效？格式如 2026-07-01。</translation>
    </message>
    <message>
        <source>Say why it is changed: whoever reads the record later will ask.</source>
        <translation>请填写修改原因，便于日后查阅。</translation>
    </message>
    <message>
        <source>1 change of the standard is in force from {day}; lines refused: {refused}.</source>
        <translation>1 项标准修改自 {day} 起生效；{refused} 行被拒绝。</translation>
    </message>
    <message>
        <source>{n} changes of the standard are in force from {day}; lines refused: {refused}.</source>
        <translation>{n} 项标准修改自 {day} 起生效；{refused} 行被拒绝。</translation>
    </message>
</context>
<context>
    <name>Stateful</name>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Loading …</source>
        <translation>正在加载…</translation>
    </message>
</context>
<context>
    <name>SupervisionWorkspace</name>
    <message>
        <source>Alarm performance</source>
        <translation>报警绩效</translation>
    </message>
    <message>
        <source>Closed cases by month</source>
        <translation>各月结案数</translation>
    </message>
    <message>
        <source>Closed in time by month</source>
        <translation>各月按期结案率</translation>
    </message>
    <message>
        <source>Bars begin at 80 %</source>
        <translation>条形自 80% 起</translation>
    </message>
    <message>
        <source>Figures over time</source>
        <translation>指标走势</translation>
    </message>
    <message>
        <source>Supervision</source>
        <translation>统计</translation>
    </message>
</context>
<context>
    <name>TerminalBox</name>
    <message>
        <source>Its terminal</source>
        <translation>车载终端</translation>
    </message>
    <message>
        <source>Said</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>What</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>What was said to the terminal</source>
        <translation>下发记录</translation>
    </message>
    <message>
        <source>Nothing was said to this terminal yet.</source>
        <translation>还没有向该终端下发过指令。</translation>
    </message>
    <message>
        <source>{plate} is asked where it is.</source>
        <translation>已向 {plate} 查询位置。</translation>
    </message>
    <message>
        <source>The text goes to the drivers of {n} trucks.</source>
        <translation>文字发给 {n} 辆车的司机。</translation>
    </message>
    <message>
        <source>The text goes to the driver of {plate}.</source>
        <translation>文字发给 {plate} 的司机。</translation>
    </message>
    <message>
        <source>The terminal of {plate} is told how to work.</source>
        <translation>已向 {plate} 的终端下发参数。</translation>
    </message>
    <message>
        <source>Go back to the present first: what is said to a driver is said now.</source>
        <translation>请先回到实时：发给司机的话是现在说的。</translation>
    </message>
    <message>
        <source>Choose a truck first.</source>
        <translation>请先选择车辆。</translation>
    </message>
</context>
<context>
    <name>TerminalPanel</name>
    <message>
        <source>Truck that it is built into</source>
        <translation>终端所在车辆</translation>
    </message>
    <message>
        <source>Plate of the truck</source>
        <translation>车牌</translation>
    </message>
    <message>
        <source>New truck …</source>
        <translation>新车辆…</translation>
    </message>
    <message>
        <source>Plate</source>
        <translation>车牌</translation>
    </message>
    <message>
        <source>Plate, such as 晋M·D1234</source>
        <translation>车牌，如 晋M·D1234</translation>
    </message>
    <message>
        <source>Colour of the plate</source>
        <translation>车牌颜色</translation>
    </message>
    <message>
        <source>Company</source>
        <translation>企业</translation>
    </message>
    <message>
        <source>Haulage company</source>
        <translation>渣土运输企业</translation>
    </message>
    <message>
        <source>Volume of the box</source>
        <translation>车厢容积</translation>
    </message>
    <message>
        <source>Add the truck and let it in</source>
        <translation>新增车辆并准入</translation>
    </message>
    <message>
        <source>Reason for blocking</source>
        <translation>禁用理由</translation>
    </message>
    <message>
        <source>Why it is kept out</source>
        <translation>为何禁用</translation>
    </message>
    <message>
        <source>Block</source>
        <translation>禁用</translation>
    </message>
    <message>
        <source>Unblock</source>
        <translation>解除禁用</translation>
    </message>
    <message>
        <source>Take it out of the truck</source>
        <translation>从车辆收回</translation>
    </message>
    <message>
        <source>Take it out? Press again</source>
        <translation>确定收回？再按一次</translation>
    </message>
    <message>
        <source>Choose a terminal in the table.</source>
        <translation>请在表中选择终端。</translation>
    </message>
    <message>
        <source>Keep it out</source>
        <translation>禁止接入</translation>
    </message>
    <message>
        <source>Build it into another truck</source>
        <translation>换到另一辆车</translation>
    </message>
    <message>
        <source>Let it in</source>
        <translation>准入</translation>
    </message>
    <message>
        <source>Let it in for {plate}</source>
        <translation>准入到 {plate}</translation>
    </message>
    <message>
        <source>It takes the place of {phone}, which then asks to come in.</source>
        <translation>将取代 {phone}，后者转为申请接入。</translation>
    </message>
    <message>
        <source>{n} in 24 h</source>
        <translation>24 小时内 {n} 个</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Number</source>
        <translation>终端号</translation>
    </message>
    <message>
        <source>Truck</source>
        <translation>渣土车</translation>
    </message>
    <message>
        <source>Says its plate is</source>
        <translation>自报车牌</translation>
    </message>
    <message>
        <source>Form</source>
        <translation>版本</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>设备</translation>
    </message>
    <message>
        <source>Came from</source>
        <translation>来源地址</translation>
    </message>
    <message>
        <source>First seen</source>
        <translation>首次出现</translation>
    </message>
    <message>
        <source>Last heard</source>
        <translation>最近消息</translation>
    </message>
    <message>
        <source>Tried to come in</source>
        <translation>接入尝试</translation>
    </message>
    <message>
        <source>Faulty frames</source>
        <translation>错帧</translation>
    </message>
    <message>
        <source>Doubled lines</source>
        <translation>重复连接</translation>
    </message>
    <message>
        <source>Counted since</source>
        <translation>计数起始</translation>
    </message>
    <message>
        <source>Doubtful positions</source>
        <translation>存疑位置</translation>
    </message>
    <message>
        <source>Blocked</source>
        <translation>已禁用</translation>
    </message>
    <message>
        <source>{n}, the latest at {time}</source>
        <translation>{n}，最近 {time}</translation>
    </message>
    <message>
        <source>{time} by {login}: {reason}</source>
        <translation>{time}，{login}：{reason}</translation>
    </message>
</context>
<context>
    <name>TerminalsPage</name>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Number</source>
        <translation>终端号</translation>
    </message>
    <message>
        <source>Truck</source>
        <translation>渣土车</translation>
    </message>
    <message>
        <source>Form</source>
        <translation>版本</translation>
    </message>
    <message>
        <source>Heard</source>
        <translation>最近信号</translation>
    </message>
    <message>
        <source>Faulty frames</source>
        <translation>错帧</translation>
    </message>
    <message>
        <source>Doubled lines</source>
        <translation>重复连接</translation>
    </message>
    <message>
        <source>Doubtful</source>
        <translation>存疑位置</translation>
    </message>
    <message>
        <source>Refused</source>
        <translation>被拒</translation>
    </message>
    <message>
        <source>From</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>No truck is registered, and no terminal has called.</source>
        <translation>没有登记车辆，也没有终端来过。</translation>
    </message>
    <message>
        <source>Choose a terminal that asks to come in first.</source>
        <translation>请先选择申请接入的终端。</translation>
    </message>
    <message>
        <source>Choose the truck that the terminal is built into first.</source>
        <translation>请先选择终端所在的车辆。</translation>
    </message>
    <message>
        <source>{phone} is let in for {plate}.</source>
        <translation>{phone} 已准入，车辆 {plate}。</translation>
    </message>
    <message>
        <source>Choose a terminal that is blocked first.</source>
        <translation>请先选择已禁用的终端。</translation>
    </message>
    <message>
        <source>{phone} is not blocked any more.</source>
        <translation>{phone} 已解除禁用。</translation>
    </message>
    <message>
        <source>Choose a terminal that is not blocked first.</source>
        <translation>请先选择未禁用的终端。</translation>
    </message>
    <message>
        <source>Choose a terminal that is built into a truck first.</source>
        <translation>请先选择已装车的终端。</translation>
    </message>
    <message>
        <source>{phone} is let in for the new truck {plate}.</source>
        <translation>{phone} 已准入，新车辆 {plate}。</translation>
    </message>
    <message>
        <source>{phone} is blocked.</source>
        <translation>{phone} 已禁用。</translation>
    </message>
    <message>
        <source>{phone} is taken out of {plate}.</source>
        <translation>{phone} 已从 {plate} 收回。</translation>
    </message>
    <message>
        <source>says {plate}</source>
        <translation>自报 {plate}</translation>
    </message>
    <message>
        <source>{n} ×</source>
        <translation>{n} 次</translation>
    </message>
</context>
<context>
    <name>TextForm</name>
    <message>
        <source>Words for the driver</source>
        <translation>发给司机的文字</translation>
    </message>
    <message>
        <source>Words for the driver, on one line</source>
        <translation>发给司机的文字，一行</translation>
    </message>
    <message>
        <source>Phrases</source>
        <translation>常用语</translation>
    </message>
    <message>
        <source>Urgent</source>
        <translation>紧急</translation>
    </message>
    <message>
        <source>On the display</source>
        <translation>屏幕显示</translation>
    </message>
    <message>
        <source>Read aloud</source>
        <translation>语音播读</translation>
    </message>
    <message>
        <source>Who is told</source>
        <translation>发送对象</translation>
    </message>
    <message>
        <source>How long it waits for a terminal that is away</source>
        <translation>终端离线时等待多久</translation>
    </message>
    <message>
        <source>waits {n} h</source>
        <translation>等待 {n} 小时</translation>
    </message>
    <message>
        <source>waits {n} min</source>
        <translation>等待 {n} 分钟</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>发送</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>to {plate}</source>
        <translation>发给 {plate}</translation>
    </message>
    <message>
        <source>to all {n} trucks in the list</source>
        <translation>发给列表中全部 {n} 辆车</translation>
    </message>
    <message>
        <source>Choose a phrase …</source>
        <translation>选择常用语…</translation>
    </message>
    <message>
        <source>{n} of {most} bytes</source>
        <translation>{n}/{most} 字节</translation>
    </message>
    <message>
        <source>a character that no terminal can show</source>
        <translation>含终端无法显示的字符</translation>
    </message>
    <message>
        <source>shown, read aloud, or both</source>
        <translation>须显示或播读</translation>
    </message>
</context>
<context>
    <name>Tile</name>
    <message>
        <source>Withdrawn</source>
        <translation>已撤回</translation>
    </message>
    <message>
        <source>Taken {time}</source>
        <translation>拍摄于 {time}</translation>
    </message>
    <message>
        <source>Withdrawn: {reason}</source>
        <translation>已撤回：{reason}</translation>
    </message>
</context>
<context>
    <name>TimeBar</name>
    <message>
        <source>Speed of the replay</source>
        <translation>回放速度</translation>
    </message>
    <message>
        <source>Live  (Esc)</source>
        <translation>实时  (Esc)</translation>
    </message>
</context>
<context>
    <name>TimeSlider</name>
    <message>
        <source>Time of the replay</source>
        <translation>回放时刻</translation>
    </message>
    <message>
        <source>rain {mm} mm in {minutes} min</source>
        <translation>{minutes} 分钟降雨 {mm} mm</translation>
    </message>
</context>
<context>
    <name>Timeline</name>
    <message>
        <source>History</source>
        <translation>流转记录</translation>
    </message>
    <message>
        <source>Newest first</source>
        <translation>最新在上</translation>
    </message>
    <message>
        <source>Oldest first</source>
        <translation>最早在上</translation>
    </message>
    <message>
        <source>Turn the order round</source>
        <translation>切换排列顺序</translation>
    </message>
    <message>
        <source>Show the case as it was then</source>
        <translation>查看案件当时的状况</translation>
    </message>
</context>
<context>
    <name>TodayCharts</name>
    <message>
        <source>Today</source>
        <translation>今日</translation>
    </message>
    <message>
        <source>Cases reported by the hour, today</source>
        <translation>今日每小时上报案件</translation>
    </message>
    <message>
        <source>Closed in time, this month</source>
        <translation>本月按期结案率</translation>
    </message>
    <message>
        <source>Bars begin at 80 %</source>
        <translation>条形自 80% 起</translation>
    </message>
    <message>
        <source>usually {n} on a whole day</source>
        <translation>平日全天 {n}</translation>
    </message>
    <message>
        <source>reported</source>
        <translation>上报</translation>
    </message>
    <message>
        <source>closed</source>
        <translation>结案</translation>
    </message>
    <message>
        <source>closing rate</source>
        <translation>结案率（累计）</translation>
    </message>
    <message>
        <source>Closed of filed cases over the whole history</source>
        <translation>全部历史中结案数占立案数的比例</translation>
    </message>
    <message>
        <source>overdue</source>
        <translation>超期</translation>
    </message>
    <message>
        <source>Today, own department</source>
        <translation>今日（本部门）</translation>
    </message>
    <message>
        <source>Today, own zone</source>
        <translation>今日（本片区）</translation>
    </message>
    <message>
        <source>{title}: reported {reported} · closed {closed} · open {open} · overdue {overdue}</source>
        <translation>{title}：上报 {reported} · 结案 {closed} · 在办 {open} · 超期 {overdue}</translation>
    </message>
</context>
<context>
    <name>TokenPanel</name>
    <message>
        <source>Renew</source>
        <translation>续期</translation>
    </message>
    <message>
        <source>Renew? The old one ends. Press again</source>
        <translation>更换？旧令牌失效，再按一次</translation>
    </message>
    <message>
        <source>Withdraw</source>
        <translation>收回</translation>
    </message>
    <message>
        <source>Withdraw? Press again</source>
        <translation>确定收回？再按一次</translation>
    </message>
    <message>
        <source>The token</source>
        <translation>令牌</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Name of the token</source>
        <translation>令牌名称</translation>
    </message>
    <message>
        <source>Who it is for, such as a vendor</source>
        <translation>使用单位，如设备厂商</translation>
    </message>
    <message>
        <source>Ids of its devices</source>
        <translation>设备编号</translation>
    </message>
    <message>
        <source>Ids of its devices with commas between; empty for any</source>
        <translation>设备编号，逗号分隔；留空为任意设备</translation>
    </message>
    <message>
        <source>Make a token</source>
        <translation>签发令牌</translation>
    </message>
    <message>
        <source>New token</source>
        <translation>新令牌</translation>
    </message>
    <message>
        <source>This is the token of {name}. It is shown only now: copy it.</source>
        <translation>这是 {name} 的令牌，仅此一次显示，请立即复制。</translation>
    </message>
</context>
<context>
    <name>TokensPage</name>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Devices</source>
        <translation>设备</translation>
    </message>
    <message>
        <source>Issued</source>
        <translation>签发时间</translation>
    </message>
    <message>
        <source>By</source>
        <translation>签发人</translation>
    </message>
    <message>
        <source>Nobody brings readings by HTTP yet: make a token for whoever is to.</source>
        <translation>还没有设备以 HTTP 上报：请为需要的单位签发令牌。</translation>
    </message>
    <message>
        <source>The token {name} is withdrawn; gateways refuse it within seconds.</source>
        <translation>令牌 {name} 已收回，网关数秒内即拒绝。</translation>
    </message>
    <message>
        <source>any</source>
        <translation>任意</translation>
    </message>
</context>
<context>
    <name>TopBar</name>
    <message>
        <source>Yuncheng Console</source>
        <translation>运城城管指挥台</translation>
    </message>
    <message>
        <source>● Live</source>
        <translation>● 实时</translation>
    </message>
    <message>
        <source>Notices of this session</source>
        <translation>本次登录的通知</translation>
    </message>
    <message>
        <source>○ Map: past</source>
        <translation>○ 地图：历史</translation>
    </message>
    <message>
        <source>○ Not live</source>
        <translation>○ 非实时</translation>
    </message>
</context>
<context>
    <name>TopicList</name>
    <message>
        <source>Configuration</source>
        <translation>应用维护</translation>
    </message>
    <message>
        <source>What can be edited</source>
        <translation>可维护的内容</translation>
    </message>
    <message>
        <source>Who changed what</source>
        <translation>修改记录</translation>
    </message>
    <message>
        <source>{n} not saved</source>
        <translation>{n} 项未保存</translation>
    </message>
</context>
<context>
    <name>TopicPage</name>
    <message>
        <source>New entry  Ctrl+N</source>
        <translation>新增  Ctrl+N</translation>
    </message>
    <message>
        <source>1 entry</source>
        <translation>1 条</translation>
    </message>
    <message>
        <source>{n} entries</source>
        <translation>{n} 条</translation>
    </message>
    <message>
        <source>{n} of {all}</source>
        <translation>{n} / {all} 条</translation>
    </message>
</context>
<context>
    <name>TrackPanel</name>
    <message>
        <source>Last 2 hours</source>
        <translation>最近 2 小时</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>今天</translation>
    </message>
    <message>
        <source>Yesterday</source>
        <translation>昨天</translation>
    </message>
    <message>
        <source>Another day</source>
        <translation>其他日期</translation>
    </message>
    <message>
        <source>Period of the track</source>
        <translation>轨迹时段</translation>
    </message>
    <message>
        <source>Day of the track</source>
        <translation>轨迹日期</translation>
    </message>
    <message>
        <source>By speed</source>
        <translation>按速度</translation>
    </message>
    <message>
        <source>By deviation</source>
        <translation>按偏距</translation>
    </message>
    <message>
        <source>Colour of the tracks</source>
        <translation>轨迹颜色</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>保留</translation>
    </message>
    <message>
        <source>Leave this track on the map beside the next ones</source>
        <translation>将此轨迹保留在地图上，与后续轨迹对比</translation>
    </message>
    <message>
        <source>Stood from</source>
        <translation>停车起始</translation>
    </message>
    <message>
        <source>For</source>
        <translation>时长</translation>
    </message>
    <message>
        <source>Load</source>
        <translation>载重</translation>
    </message>
    <message>
        <source>Stops</source>
        <translation>停车点</translation>
    </message>
    <message>
        <source>Clear {n} kept</source>
        <translation>清除保留 {n} 条</translation>
    </message>
    <message>
        <source>Track</source>
        <translation>轨迹</translation>
    </message>
    <message>
        <source>Choose a truck to see its track.</source>
        <translation>选择车辆查看轨迹。</translation>
    </message>
    <message>
        <source>{distance} · {driving} on the move · {stops} stops · at most {top} km/h</source>
        <translation>{distance} · 行驶 {driving} · 停车 {stops} 次 · 最高 {top} km/h</translation>
    </message>
    <message>
        <source>no permit</source>
        <translation>无核准证</translation>
    </message>
    <message>
        <source>{n} m left of the route at {time}</source>
        <translation>左偏 {n} m（{time}）</translation>
    </message>
    <message>
        <source>{n} m right of the route at {time}</source>
        <translation>右偏 {n} m（{time}）</translation>
    </message>
    <message>
        <source>Nothing was heard of it in this period.</source>
        <translation>该时段没有定位数据。</translation>
    </message>
</context>
<context>
    <name>Tray</name>
    <message>
        <source>Add files  Ctrl+Shift+I</source>
        <translation>添加文件  Ctrl+Shift+I</translation>
    </message>
    <message>
        <source>Photos, video, sound, documents ({endings})</source>
        <translation>照片、视频、录音、文档 ({endings})</translation>
    </message>
    <message>
        <source>Files that go with the report</source>
        <translation>随上报提交的文件</translation>
    </message>
    <message>
        <source>Files to attach to {case}</source>
        <translation>为 {case} 添加附件</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
    <message>
        <source>There is no picture and no file in the clipboard.</source>
        <translation>剪贴板中没有图片，也没有文件。</translation>
    </message>
    <message>
        <source>pasted {time}.png</source>
        <translation>粘贴 {time}.png</translation>
    </message>
    <message>
        <source>Try again  Ctrl+Enter</source>
        <translation>重试  Ctrl+Enter</translation>
    </message>
    <message>
        <source>Attach {n}  Ctrl+Enter</source>
        <translation>上传 {n} 个  Ctrl+Enter</translation>
    </message>
    <message>
        <source>Attaching …</source>
        <translation>正在上传…</translation>
    </message>
    <message>
        <source>These go with it.</source>
        <translation>随本次办理一并上传。</translation>
    </message>
    <message>
        <source>Drop or paste photos here.</source>
        <translation>可拖入或粘贴照片。</translation>
    </message>
    <message>
        <source>{size} of {most} MB</source>
        <translation>{size} / {most} MB</translation>
    </message>
</context>
<context>
    <name>TrayRow</name>
    <message>
        <source>What it shows</source>
        <translation>拍摄内容</translation>
    </message>
    <message>
        <source>Do not attach this one</source>
        <translation>不上传此文件</translation>
    </message>
    <message>
        <source>Looking at it …</source>
        <translation>正在检查…</translation>
    </message>
    <message>
        <source>Attaching …</source>
        <translation>正在上传…</translation>
    </message>
    <message>
        <source>Goes when the database is back. {reason}</source>
        <translation>数据库恢复后自动上传。{reason}</translation>
    </message>
    <message>
        <source>its name said something else</source>
        <translation>文件名后缀与内容不符</translation>
    </message>
</context>
<context>
    <name>TrialPanel</name>
    <message>
        <source>Trial on the past</source>
        <translation>历史试算</translation>
    </message>
    <message>
        <source>Try it</source>
        <translation>试算</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Alarms of the trial</source>
        <translation>试算的报警</translation>
    </message>
    <message>
        <source>When</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Where</source>
        <translation>对象</translation>
    </message>
    <message>
        <source>Grade</source>
        <translation>等级</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>数值</translation>
    </message>
    <message>
        <source>Stood for</source>
        <translation>持续</translation>
    </message>
    <message>
        <source>Last day</source>
        <translation>最近 1 天</translation>
    </message>
    <message>
        <source>Last 7 days</source>
        <translation>最近 7 天</translation>
    </message>
    <message>
        <source>Last 30 days</source>
        <translation>最近 30 天</translation>
    </message>
    <message>
        <source>Other days</source>
        <translation>其他日期</translation>
    </message>
    <message>
        <source>Period of the trial</source>
        <translation>试算时段</translation>
    </message>
    <message>
        <source>First day</source>
        <translation>起始日</translation>
    </message>
    <message>
        <source>Last day of the period</source>
        <translation>截止日</translation>
    </message>
    <message>
        <source>All</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>The first day comes after the last one.</source>
        <translation>起始日晚于截止日。</translation>
    </message>
    <message>
        <source>{rule} is being tried …</source>
        <translation>正在试算：{rule} …</translation>
    </message>
    <message>
        <source>What was recorded is judged by the rule; you can go on working meanwhile.</source>
        <translation>正在按该规则判断历史记录，期间可继续工作。</translation>
    </message>
    <message>
        <source>Choose a rule and try it, changed or as it is: what would it have raised?</source>
        <translation>选择一条规则，改动后或按现状试算：它会报出哪些报警？</translation>
    </message>
    <message>
        <source>The trial broke off; the log says why.</source>
        <translation>试算中断，原因见日志。</translation>
    </message>
    <message>
        <source>Nothing is recorded in this period.</source>
        <translation>该时段没有记录。</translation>
    </message>
    <message>
        <source>It would have raised nothing.</source>
        <translation>不会产生报警。</translation>
    </message>
    <message>
        <source>Would have raised {n} from {start} to {end} · as it is {are}: {added} added, {gone} gone · really raised {were}</source>
        <translation>{start} 至 {end} 会报警 {n} 次 · 现行规则 {are} 次：增加 {added}，减少 {gone} · 实际报警 {were} 次</translation>
    </message>
    <message>
        <source>＋ {n} added</source>
        <translation>＋ 增加 {n}</translation>
    </message>
    <message>
        <source>− {n} gone</source>
        <translation>− 减少 {n}</translation>
    </message>
</context>
<context>
    <name>TruckPanel</name>
    <message>
        <source>Trucks</source>
        <translation>渣土车</translation>
    </message>
    <message>
        <source>Muck trucks</source>
        <translation>渣土车</translation>
    </message>
    <message>
        <source>Plate or load …</source>
        <translation>车牌或载重…</translation>
    </message>
    <message>
        <source>Plate</source>
        <translation>车牌</translation>
    </message>
    <message>
        <source>Load</source>
        <translation>载重</translation>
    </message>
    <message>
        <source>km/h</source>
        <translation>km/h</translation>
    </message>
    <message>
        <source>Trips</source>
        <translation>趟次</translation>
    </message>
    <message>
        <source>Age</source>
        <translation>时效</translation>
    </message>
    <message>
        <source>{online} of {all} online</source>
        <translation>{online}/{all} 在线</translation>
    </message>
    <message>
        <source>No truck is registered.</source>
        <translation>尚未登记渣土车。</translation>
    </message>
</context>
<context>
    <name>VerdictList</name>
    <message>
        <source>Check of the permit</source>
        <translation>许可核查</translation>
    </message>
    <message>
        <source>Show it on the map</source>
        <translation>在地图上显示</translation>
    </message>
</context>
<context>
    <name>Vitals</name>
    <message>
        <source>Demonstration city: geometry is synthetic</source>
        <translation>示例城市：几何为合成数据</translation>
    </message>
    <message>
        <source>Names and codes are real; streets, pipes and cases are made up.</source>
        <translation>地名与编码真实；道路、管网与案件为虚构。</translation>
    </message>
    <message>
        <source>The database is back; it was away since {time}.</source>
        <translation>数据库已恢复；自 {time} 起曾中断。</translation>
    </message>
    <message>
        <source>Database away since {time}; reconnecting …</source>
        <translation>数据库自 {time} 起中断，正在重新连接…</translation>
    </message>
    <message>
        <source>silent for {age}</source>
        <translation>静默 {age}</translation>
    </message>
    <message>
        <source>Time that the database took for its latest answer</source>
        <translation>数据库最近一次应答用时</translation>
    </message>
    <message>
        <source>Database</source>
        <translation>数据库</translation>
    </message>
    <message>
        <source>Gateway —</source>
        <translation>网关 —</translation>
    </message>
    <message>
        <source>Not known while the database is away</source>
        <translation>数据库断开期间无法得知</translation>
    </message>
    <message>
        <source>Gateway: none</source>
        <translation>网关：无</translation>
    </message>
    <message>
        <source>No gateway has ever reported here: trucks and sensors cannot come in</source>
        <translation>从未有网关报到：车辆和传感器的数据无法接入</translation>
    </message>
    <message>
        <source>○ Gateway gone for {age}</source>
        <translation>○ 网关失联 {age}</translation>
    </message>
    <message>
        <source>No position or reading comes in until it runs again; what is shown grows old</source>
        <translation>网关恢复之前不会有新的定位和读数，所显示的内容会逐渐过时</translation>
    </message>
    <message>
        <source>Gateway ● {age}</source>
        <translation>网关 ● {age}</translation>
    </message>
    <message>
        <source>Gateways {alive}/{all} ● {age}</source>
        <translation>网关 {alive}/{all} ● {age}</translation>
    </message>
    <message>
        <source>Since a gateway last said that it lives, which each does every 5 s</source>
        <translation>距网关上次报到的时间；每个网关每 5 秒报到一次</translation>
    </message>
    <message>
        <source>{size} MB waiting</source>
        <translation>待入库 {size} MB</translation>
    </message>
    <message>
        <source>{name}: heard {age} ago, {terminals} terminals signed in, {rows} rows waiting</source>
        <translation>{name}：{age}前报到，{terminals} 台终端在线，{rows} 行待写入</translation>
    </message>
    <message>
        <source>Terminals {online}/{all}</source>
        <translation>定位终端 {online}/{all}</translation>
    </message>
    <message>
        <source>Trucks heard within 5 minutes, or 30 with the engine off, of all in service</source>
        <translation>在册车辆中 5 分钟内（熄火时 30 分钟内）有信号的车辆</translation>
    </message>
    <message>
        <source>Sensors {heard}/{all}</source>
        <translation>传感器 {heard}/{all}</translation>
    </message>
    <message>
        <source>Level sensors and rain gauges that missed no more than three readings, of all</source>
        <translation>漏报不超过三次的水位计和雨量计 / 全部</translation>
    </message>
</context>
<context>
    <name>WaterChart</name>
    <message>
        <source>Rain and level</source>
        <translation>雨量与水位</translation>
    </message>
    <message>
        <source>No flood point has a sensor.</source>
        <translation>没有装有传感器的易涝点。</translation>
    </message>
    <message>
        <source>{place}: water and rain, {hours} h</source>
        <translation>{place}：近 {hours} 小时</translation>
    </message>
    <message>
        <source>Dry: no water and no rain in {hours} h, {place} is the wettest point.</source>
        <translation>近 {hours} 小时无雨、无积水，水位最高处为{place}。</translation>
    </message>
    <message>
        <source>Level in cm with its limits; rain hangs from above</source>
        <translation>水位（厘米）及阈值；雨量自上方垂下</translation>
    </message>
    <message>
        <source>{mm} mm in 24 h</source>
        <translation>24 小时 {mm} mm</translation>
    </message>
</context>
<context>
    <name>WithdrawLine</name>
    <message>
        <source>Withdraw  Enter</source>
        <translation>撤回  Enter</translation>
    </message>
    <message>
        <source>Withdraw “{piece}”, {name}:</source>
        <translation>撤回“{piece}”{name}：</translation>
    </message>
    <message>
        <source>Why? It stays to be seen, and counts no more.</source>
        <translation>原因？撤回后仍可查看，但不再作为证据。</translation>
    </message>
    <message>
        <source>Say why: whoever looks at the case later wants to know.</source>
        <translation>请写明原因，供以后查阅案件的人了解。</translation>
    </message>
</context>
<context>
    <name>YearGrid</name>
    <message>
        <source>off</source>
        <translation>休</translation>
    </message>
    <message>
        <source>on</source>
        <translation>班</translation>
    </message>
</context>
<context>
    <name>YearPage</name>
    <message>
        <source>Year</source>
        <translation>年历</translation>
    </message>
    <message>
        <source>Year before  (Page up)</source>
        <translation>上一年（Page Up）</translation>
    </message>
    <message>
        <source>Next year  (Page down)</source>
        <translation>下一年（Page Down）</translation>
    </message>
    <message>
        <source>Announced holidays</source>
        <translation>套用公布的节假日</translation>
    </message>
    <message>
        <source>Drafts the days of this year as they were announced; what has passed stays.</source>
        <translation>按国务院公布的安排起草本年度日历；已过去的日子不变。</translation>
    </message>
    <message>
        <source>Day off  O</source>
        <translation>休息  O</translation>
    </message>
    <message>
        <source>Working day  W</source>
        <translation>上班  W</translation>
    </message>
    <message>
        <source>Name of the holiday …</source>
        <translation>节日名称…</translation>
    </message>
    <message>
        <source>Name of the holiday</source>
        <translation>节日名称</translation>
    </message>
    <message>
        <source>Working hours …</source>
        <translation>作息时间…</translation>
    </message>
    <message>
        <source>Hours of a working day: {hours}</source>
        <translation>工作日作息：{hours}</translation>
    </message>
    <message>
        <source>No working hours are in force.</source>
        <translation>没有生效的作息时间。</translation>
    </message>
    <message>
        <source>{first} to {last}: {n} days</source>
        <translation>{first} 至 {last}：{n} 天</translation>
    </message>
    <message>
        <source>“off”: holiday · “on”: make-up working day · grey: no work · dotted: assumed · bar: other hours</source>
        <translation>“休”：节假日 · “班”：调休上班 · 灰色：不上班 · 虚线：暂定 · 竖线：作息改变</translation>
    </message>
    <message>
        <source>1 day of {year} is drafted as announced.</source>
        <translation>已按公布的安排起草 {year} 年的 1 天。</translation>
    </message>
    <message>
        <source>{n} days of {year} are drafted as announced.</source>
        <translation>已按公布的安排起草 {year} 年的 {n} 天。</translation>
    </message>
    <message>
        <source>{year} is as announced.</source>
        <translation>{year} 年与公布的安排一致。</translation>
    </message>
</context>
<context>
    <name>_Card</name>
    <message>
        <source>Dismiss</source>
        <translation>关闭</translation>
    </message>
</context>
<context>
    <name>_LayerRow</name>
    <message>
        <source>Legend and opacity of {layer}</source>
        <translation>{layer}的图例与透明度</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>{count} in and around the view</source>
        <translation>视野内及周边 {count} 个</translation>
    </message>
    <message>
        <source>Data from {age} ago</source>
        <translation>{age}前的数据</translation>
    </message>
    <message>
        <source>Seen from {near} to {far}</source>
        <translation>{near} 至 {far} 可见</translation>
    </message>
    <message>
        <source>Seen from {far} on, zoom in</source>
        <translation>{far} 起可见，请放大</translation>
    </message>
    <message>
        <source>Seen up to {near}, zoom out</source>
        <translation>最大 {near} 可见，请缩小</translation>
    </message>
    <message>
        <source>Opacity</source>
        <translation>不透明度</translation>
    </message>
    <message>
        <source>Labels</source>
        <translation>标注</translation>
    </message>
</context>
<context>
    <name>_Popup</name>
    <message>
        <source>Nothing found.</source>
        <translation>未找到。</translation>
    </message>
</context>
<context>
    <name>alarm_rules</name>
    <message>
        <source>{what}: raised from {value}, {how}.</source>
        <translation>{what}：达到 {value}，{how}报警。</translation>
    </message>
    <message>
        <source>Over at {value} or less, {how}.</source>
        <translation>降到 {value} 及以下，{how}消除。</translation>
    </message>
    <message>
        <source>{what}: raised from the limit “{limit}” of the flood point ({value} where it has none), {how}.</source>
        <translation>{what}：达到积水点的{limit}（未设的按 {value}），{how}报警。</translation>
    </message>
    <message>
        <source>Over {value} or more below that, {how}.</source>
        <translation>比该值低 {value} 以上，{how}消除。</translation>
    </message>
    <message>
        <source>It stands until somebody resets it.</source>
        <translation>消除后须人工复位。</translation>
    </message>
    <message>
        <source>It cannot be enabled yet. Missing: {fields}.</source>
        <translation>尚不能启用，缺少：{fields}。</translation>
    </message>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
    <message>
        <source>in force</source>
        <translation>启用</translation>
    </message>
    <message>
        <source>incomplete</source>
        <translation>不完整</translation>
    </message>
    <message>
        <source>resting</source>
        <translation>停用</translation>
    </message>
    <message>
        <source>at once</source>
        <translation>立即</translation>
    </message>
    <message>
        <source>after {n} positions in a row and {s} s</source>
        <translation>连续 {n} 个定位且满 {s} 秒</translation>
    </message>
    <message>
        <source>after {n} readings in a row and {s} s</source>
        <translation>连续 {n} 次读数且满 {s} 秒</translation>
    </message>
</context>
<context>
    <name>alarms</name>
    <message>
        <source>{n} unacknowledged</source>
        <translation>未确认 {n} 条</translation>
    </message>
    <message>
        <source>until {time}</source>
        <translation>至 {time}</translation>
    </message>
    <message>
        <source>{n} × {what}</source>
        <translation>{n} × {what}</translation>
    </message>
    <message>
        <source>first: {who}</source>
        <translation>首发：{who}</translation>
    </message>
    <message>
        <source>, limit {value} {unit}</source>
        <translation>，限值 {value} {unit}</translation>
    </message>
    <message>
        <source>Your post may not do this with alarms.</source>
        <translation>您的岗位不能对报警这样操作。</translation>
    </message>
    <message>
        <source>No monitor has raised this yet: it stands until one does or the water falls.</source>
        <translation>监测程序尚未发出此报警：在其发出或水位回落之前一直显示。</translation>
    </message>
    <message>
        <source>This is not possible while the alarm is in this state.</source>
        <translation>报警在此状态下不能这样操作。</translation>
    </message>
    <message>
        <source>1 of {count} was refused: {why}</source>
        <translation>{count} 条中有 1 条被拒绝：{why}</translation>
    </message>
    <message>
        <source>{n} of {count} were refused: {why}</source>
        <translation>{count} 条中有 {n} 条未被接受：{why}</translation>
    </message>
</context>
<context>
    <name>case_paper</name>
    <message>
        <source>As it was at {time}</source>
        <translation>{time} 时的案件状况</translation>
    </message>
    <message>
        <source>1:{scale} · the cross is the place of the case, numbers are where photos were taken · {place}</source>
        <translation>1:{scale} · 十字为案件位置，数字为照片拍摄位置 · {place}</translation>
    </message>
    <message>
        <source>Version {version}, moves: {moves} · printed {time} by {who}</source>
        <translation>版本 {version}，流转 {moves} 次 · 打印 {time} · {who}</translation>
    </message>
    <message>
        <source>Case file · Yuncheng smart urban management centre</source>
        <translation>案卷 · 运城市智慧城管监督指挥中心</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>Evidence</source>
        <translation>附件</translation>
    </message>
    <message>
        <source>Evidence that paper does not show</source>
        <translation>不能在纸上显示的附件</translation>
    </message>
    <message>
        <source>History</source>
        <translation>流转记录</translation>
    </message>
    <message>
        <source>SHA-256 over moves and evidence: {sum}</source>
        <translation>流转与附件校验和 SHA-256：{sum}</translation>
    </message>
    <message>
        <source>Page {n} of {total}</source>
        <translation>第 {n} 页 共 {total} 页</translation>
    </message>
    <message>
        <source>When it was reported</source>
        <translation>上报</translation>
    </message>
    <message>
        <source>Disposal</source>
        <translation>处置</translation>
    </message>
    <message>
        <source>Further photos</source>
        <translation>其他照片</translation>
    </message>
    <message>
        <source>taken {time}</source>
        <translation>拍摄 {time}</translation>
    </message>
    <message>
        <source>attached {time} by {who}</source>
        <translation>上传 {time} {who}</translation>
    </message>
    <message>
        <source>{n} s in all</source>
        <translation>合计 {n} 秒</translation>
    </message>
</context>
<context>
    <name>deviation_paper</name>
    <message>
        <source>Alarm {id}</source>
        <translation>报警 {id}</translation>
    </message>
    <message>
        <source>1:{scale} · dashed: approved route · band: corridor · thin: track · thick: outside the corridor · numbers: positions</source>
        <translation>1:{scale} · 虚线：核准路线 · 浅色带：走廊 · 细线：轨迹 · 粗线：走廊以外 · 数字：定位点序号</translation>
    </message>
    <message>
        <source>Evidence of a route deviation · Yuncheng smart urban management centre</source>
        <translation>渣土车偏离核准路线证据单 · 运城市智慧城管指挥中心</translation>
    </message>
    <message>
        <source>Approved route and track</source>
        <translation>核准路线与行车轨迹</translation>
    </message>
    <message>
        <source>History of the alarm</source>
        <translation>报警记录</translation>
    </message>
    <message>
        <source>Version {version} of the alarm · printed {time} by {who}</source>
        <translation>报警版本 {version} · {time} 由{who}打印</translation>
    </message>
    <message>
        <source>SHA-256 over alarm, permit, positions and messages: {sum}</source>
        <translation>报警、核准证、定位点与报文的 SHA-256：{sum}</translation>
    </message>
    <message>
        <source>Truck</source>
        <translation>车牌</translation>
    </message>
    <message>
        <source>Permit</source>
        <translation>核准证</translation>
    </message>
    <message>
        <source>Corridor</source>
        <translation>走廊</translation>
    </message>
    <message>
        <source>Raised</source>
        <translation>报警时间</translation>
    </message>
    <message>
        <source>Over</source>
        <translation>解除时间</translation>
    </message>
    <message>
        <source>Acknowledged</source>
        <translation>确认</translation>
    </message>
    <message>
        <source>First outside</source>
        <translation>首次在外</translation>
    </message>
    <message>
        <source>Last outside</source>
        <translation>最后在外</translation>
    </message>
    <message>
        <source>Farthest</source>
        <translation>最大偏距</translation>
    </message>
    <message>
        <source>Positions outside</source>
        <translation>走廊外定位点</translation>
    </message>
    <message>
        <source>{n} of {total}</source>
        <translation>{n} / {total}</translation>
    </message>
    <message>
        <source>Case</source>
        <translation>案件</translation>
    </message>
    <message>
        <source>Positions</source>
        <translation>定位点</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Longitude, latitude °</source>
        <translation>经度, 纬度 °</translation>
    </message>
    <message>
        <source>Offset</source>
        <translation>偏距</translation>
    </message>
    <message>
        <source>Along</source>
        <translation>沿线里程</translation>
    </message>
    <message>
        <source>km/h</source>
        <translation>km/h</translation>
    </message>
    <message>
        <source>Load</source>
        <translation>载重</translation>
    </message>
    <message>
        <source>Message, number, received</source>
        <translation>报文、流水号、接收时间</translation>
    </message>
    <message>
        <source>The messages of the terminal are not for this post to read.</source>
        <translation>本岗位无权查看终端报文。</translation>
    </message>
    <message>
        <source>No message of the terminal is kept of this time.</source>
        <translation>该时段没有保存终端报文。</translation>
    </message>
    <message>
        <source>{known} of {total} positions are told by a message of the terminal that is kept: kind, the terminal&apos;s own number, when it was received. Offsets are positive to the left of the route; what lies outside the corridor is bold.</source>
        <translation>{total} 个定位点中 {known} 个有保存的终端报文：消息 ID、终端流水号、接收时间。偏距在路线左侧为正；走廊以外的以粗体标出。</translation>
    </message>
    <message>
        <source>left</source>
        <translation>左</translation>
    </message>
    <message>
        <source>right</source>
        <translation>右</translation>
    </message>
</context>
<context>
    <name>errors</name>
    <message>
        <source>There is no screen. Run the console on a desktop, or with --screenshots DIR for pictures.</source>
        <translation>没有可用的屏幕。请在桌面环境运行，或用 --screenshots 目录 生成截图。</translation>
    </message>
    <message>
        <source>The screen “{screen}” does not answer. Run the console on a desktop, or with --screenshots DIR for pictures.</source>
        <translation>屏幕“{screen}”没有响应。请在桌面环境运行，或用 --screenshots 目录 生成截图。</translation>
    </message>
    <message>
        <source>This command is about the private database, but {database} names a server. Leave out --database and CONSOLE_DATABASE.</source>
        <translation>此命令针对私有数据库，而 {database} 指定了服务器。请去掉 --database 和 CONSOLE_DATABASE。</translation>
    </message>
    <message>
        <source>The private database was not running.</source>
        <translation>私有数据库未在运行。</translation>
    </message>
    <message>
        <source>Going down from schema {current} to {revision} deletes data. Make a backup, then repeat the command with --allow-loss.</source>
        <translation>从结构版本 {current} 降到 {revision} 会删除数据。请先备份，再加 --allow-loss 重试。</translation>
    </message>
    <message>
        <source>Seeding makes logins on the server whose password everybody can read. If it is a server for practice, repeat the command with --demonstration-logins.</source>
        <translation>生成示例城市会在服务器上建立口令公开的登录名。若该服务器只用于演练，请加上 --demonstration-logins 再执行。</translation>
    </message>
    <message>
        <source>PostgreSQL does not run as root and this machine has neither the account “postgres” nor “nobody”. Start the console as an ordinary user.</source>
        <translation>PostgreSQL 不能以 root 运行，本机又没有 postgres 或 nobody 账户。请以普通用户启动。</translation>
    </message>
    <message>
        <source>No PostgreSQL {oldest} or later is installed (found: {versions}). Install it with PostGIS, for instance “{hint}”, or set CONSOLE_POSTGRES_BIN to the folder of its programs.</source>
        <translation>未安装 PostgreSQL {oldest} 或更高版本（已找到：{versions}）。请连同 PostGIS 一起安装，例如“{hint}”，或用 CONSOLE_POSTGRES_BIN 指定其程序目录。</translation>
    </message>
    <message>
        <source>The data folder was made by PostgreSQL {major}, which is not installed here (found: {versions}). Install PostgreSQL {major} with PostGIS; the data is untouched.</source>
        <translation>数据目录由 PostgreSQL {major} 创建，本机未安装该版本（已找到：{versions}）。请安装 PostgreSQL {major} 及 PostGIS；数据未改动。</translation>
    </message>
    <message>
        <source>PostgreSQL {major} is installed without PostGIS. Install the package “postgresql-{major}-postgis-3” (Debian, Ubuntu) or the PostGIS of your platform.</source>
        <translation>PostgreSQL {major} 未带 PostGIS。请安装软件包“postgresql-{major}-postgis-3”（Debian、Ubuntu）或本平台的 PostGIS。</translation>
    </message>
    <message>
        <source>The private database of {folder} is not running. Start the console or “python -m console.database start”.</source>
        <translation>{folder} 的私有数据库未运行。请启动指挥台或执行“python -m console.database start”。</translation>
    </message>
    <message>
        <source>Another program has been starting or stopping the private database of {folder} for too long. End it and try again.</source>
        <translation>另一程序启动或停止 {folder} 的私有数据库耗时过长。请结束它后重试。</translation>
    </message>
    <message>
        <source>The folder {folder} exists but holds no PostgreSQL data. Move it away or choose another data folder.</source>
        <translation>目录 {folder} 已存在但不是 PostgreSQL 数据。请移走它或另选数据目录。</translation>
    </message>
    <message>
        <source>The private database does not stop: {reason}. See {log}.</source>
        <translation>私有数据库无法停止：{reason}。详见 {log}。</translation>
    </message>
    <message>
        <source>The private database could not be made in {folder}: {reason}.</source>
        <translation>无法在 {folder} 创建私有数据库：{reason}。</translation>
    </message>
    <message>
        <source>The private database does not start: {reason}. See {log}.</source>
        <translation>私有数据库无法启动：{reason}。详见 {log}。</translation>
    </message>
    <message>
        <source>The disk that holds {folder} is full. Free some space (the demonstration city needs about 4 GB) or choose another data folder, then try again; nothing was damaged.</source>
        <translation>{folder} 所在磁盘已满。请释放空间（示例城市约需 4 GB）或另选数据目录后重试；数据未受损。</translation>
    </message>
    <message>
        <source>The data folder {folder} cannot be used: {reason}. Give yourself the right to write there or choose another with --data-dir.</source>
        <translation>数据目录 {folder} 不可用：{reason}。请取得写权限，或用 --data-dir 另选目录。</translation>
    </message>
    <message>
        <source>{program} did not end within {seconds} seconds; the machine may be overloaded.</source>
        <translation>{program} 在 {seconds} 秒内未结束，机器可能过载。</translation>
    </message>
    <message>
        <source>The private database of {folder} runs but refuses us: {reason}.</source>
        <translation>{folder} 的私有数据库在运行，但拒绝连接：{reason}。</translation>
    </message>
    <message>
        <source>The query was stopped on request.</source>
        <translation>查询已按要求停止。</translation>
    </message>
    <message>
        <source>The database address is no PostgreSQL URL; write postgresql://user:password@host:5432/city.</source>
        <translation>数据库地址不是 PostgreSQL URL；格式为 postgresql://用户:密码@主机:5432/city。</translation>
    </message>
    <message>
        <source>The database took too long to answer and was stopped. Narrow the filter or try again.</source>
        <translation>数据库应答超时，查询已停止。请缩小筛选范围或重试。</translation>
    </message>
    <message>
        <source>The database at {server} cannot be reached: {reason}. Check that it runs and that the address is right.</source>
        <translation>无法连接数据库 {server}：{reason}。请检查其是否运行、地址是否正确。</translation>
    </message>
    <message>
        <source>The database at {server} has no connection left. Close a console or raise its max_connections.</source>
        <translation>数据库 {server} 已无空闲连接。请关闭一个指挥台或调高 max_connections。</translation>
    </message>
    <message>
        <source>Your role does not allow this: {reason}. Ask the administrator for the right.</source>
        <translation>您的角色无此权限：{reason}。请向系统管理员申请。</translation>
    </message>
    <message>
        <source>The disk of the database at {server} is full; nothing of this change was kept. Free some space there.</source>
        <translation>数据库 {server} 的磁盘已满，本次修改未保存。请在该处释放空间。</translation>
    </message>
    <message>
        <source>Somebody else was changing the same thing at that moment. Nothing was kept; try again.</source>
        <translation>他人正在修改同一对象，本次修改未保存，请重试。</translation>
    </message>
    <message>
        <source>The database at {server} only lets us read. Add target_session_attrs=read-write to the URL.</source>
        <translation>数据库 {server} 只读。请在 URL 中加上 target_session_attrs=read-write。</translation>
    </message>
    <message>
        <source>The server {server} has no such database. Check the name at the end of the URL.</source>
        <translation>服务器 {server} 没有该数据库。请检查 URL 末尾的名称。</translation>
    </message>
    <message>
        <source>The database at {server} refused the user name or the password.</source>
        <translation>数据库 {server} 拒绝了用户名或密码。</translation>
    </message>
    <message>
        <source>The database at {server} asks for a password; add it to the URL or to the file ~/.pgpass.</source>
        <translation>数据库 {server} 需要密码；请写入 URL 或 ~/.pgpass 文件。</translation>
    </message>
    <message>
        <source>The server {server} does not let this computer in (pg_hba.conf). Ask its administrator for access.</source>
        <translation>服务器 {server} 不允许本机访问（pg_hba.conf）。请联系其管理员。</translation>
    </message>
    <message>
        <source>The database at {server} closed the connection.</source>
        <translation>数据库 {server} 关闭了连接。</translation>
    </message>
    <message>
        <source>The database at {server} does not tell us of changes: {reason}.</source>
        <translation>数据库 {server} 不推送变更：{reason}。</translation>
    </message>
    <message>
        <source>The base map {path} is no readable MBTiles file: {fault}.</source>
        <translation>底图 {path} 不是可读的 MBTiles 文件：{fault}。</translation>
    </message>
    <message>
        <source>The base map {path} holds no tiles.</source>
        <translation>底图 {path} 没有瓦片。</translation>
    </message>
    <message>
        <source>The base map of Tianditu needs a key in the settings.</source>
        <translation>天地图底图需要在设置中填写密钥。</translation>
    </message>
    <message>
        <source>The base map “{location}” is neither an .mbtiles file nor an address with {{z}}, {{x}} and {{y}}.</source>
        <translation>底图“{location}”既不是 .mbtiles 文件，也不是含 {{z}}、{{x}}、{{y}} 的地址。</translation>
    </message>
    <message>
        <source>The map can be printed to .pdf or .png, not to {name}.</source>
        <translation>地图只能输出为 .pdf 或 .png，不能输出为 {name}。</translation>
    </message>
    <message>
        <source>The working calendar is empty: import a year.</source>
        <translation>工作日历为空，请导入年度日历。</translation>
    </message>
    <message>
        <source>Rows of {table} are only ever added, never changed or deleted.</source>
        <translation>{table} 的记录只能追加，不能修改或删除。</translation>
    </message>
    <message>
        <source>Your post ({role}) may not do this on flood duty.</source>
        <translation>您的岗位（{role}）无权进行此防汛值守操作。</translation>
    </message>
    <message>
        <source>There is no warning colour {colour}: blue, yellow, orange and red are known.</source>
        <translation>没有预警等级 {colour}：可用蓝、黄、橙、红。</translation>
    </message>
    <message>
        <source>The warning has changed or ended meanwhile: look at the list again; nothing was ticked.</source>
        <translation>预警已变更或结束：请重新查看清单；未作勾选。</translation>
    </message>
    <message>
        <source>A report needs a description: say what is wrong.</source>
        <translation>上报须有问题描述：请说明发生了什么。</translation>
    </message>
    <message>
        <source>The report is dated {at}, in the future: check the clock of the device.</source>
        <translation>上报时间 {at} 晚于当前时间：请检查设备时钟。</translation>
    </message>
    <message>
        <source>The report is dated {at}: reports are taken in for 24 hours. Report it as of now.</source>
        <translation>上报时间为 {at}，超过 24 小时的不予补报，请按当前时间上报。</translation>
    </message>
    <message>
        <source>The place {x}, {y} lies in no unit grid of the city: check the coordinates.</source>
        <translation>位置 {x}, {y} 不在本市任何单元网格内：请检查坐标。</translation>
    </message>
    <message>
        <source>The setting {name} is not one that can be chosen.</source>
        <translation>参数 {name} 不可人为设定。</translation>
    </message>
    <message>
        <source>Working hours overlap on {day}: mend them.</source>
        <translation>{day} 的工作时间有重叠，请修正。</translation>
    </message>
    <message>
        <source>Limits have run in the working time of {day}: what has passed cannot be changed.</source>
        <translation>{day} 的工作时间已计入时限：已经过去的日历不能再改。</translation>
    </message>
    <message>
        <source>Your post ({role}) may not make the move “{move}” here.</source>
        <translation>您的岗位（{role}）不能在此执行“{move}”。</translation>
    </message>
    <message>
        <source>Only the head of the department may make the move “{move}”.</source>
        <translation>只有专业部门负责人可以执行“{move}”。</translation>
    </message>
    <message>
        <source>Case {case} is not yours: it is there for another department, zone or person.</source>
        <translation>案件 {case} 不归您办理：它属于其他部门、片区或人员。</translation>
    </message>
    <message>
        <source>The case is assigned to somebody of the department: take it back from there first.</source>
        <translation>案件已交办给部门人员：请先收回。</translation>
    </message>
    <message>
        <source>The case is assigned to nobody.</source>
        <translation>案件尚未交办给任何人。</translation>
    </message>
    <message>
        <source>The case is assigned to somebody else of your department.</source>
        <translation>案件已交办给本部门其他人员。</translation>
    </message>
    <message>
        <source>A request of the department has not been answered yet.</source>
        <translation>部门的申请尚未答复。</translation>
    </message>
    <message>
        <source>There is no request that waits for this answer.</source>
        <translation>没有等待此答复的申请。</translation>
    </message>
    <message>
        <source>No supervision waits for a reply.</source>
        <translation>没有待回复的督办。</translation>
    </message>
    <message>
        <source>The limit was extended twice already, which is the most.</source>
        <translation>时限已延期两次，不能再延。</translation>
    </message>
    <message>
        <source>The case is overdue: it is too late for an extension.</source>
        <translation>案件已超期，不能再延期。</translation>
    </message>
    <message>
        <source>The case was on account already, which it may be only once.</source>
        <translation>案件已挂账过，每案只能挂账一次。</translation>
    </message>
    <message>
        <source>The case is not overdue: there is nothing to appeal against.</source>
        <translation>案件没有超期，无须申诉。</translation>
    </message>
    <message>
        <source>There was an appeal already, which there may be only once.</source>
        <translation>案件已申诉过，每案只能申诉一次。</translation>
    </message>
    <message>
        <source>You made the move “{earlier}” in this case: “{move}” must be made by somebody else (separation of duties).</source>
        <translation>您在本案中办理过“{earlier}”：“{move}”须由他人办理（监管分离）。</translation>
    </message>
    <message>
        <source>There is no class {class} in use.</source>
        <translation>没有在用的案件类别 {class}。</translation>
    </message>
    <message>
        <source>A case needs a description: say what is wrong.</source>
        <translation>案件须有问题描述：请说明发生了什么。</translation>
    </message>
    <message>
        <source>Component {component} is not one of the class of the case.</source>
        <translation>部件 {component} 不属于本案的类别。</translation>
    </message>
    <message>
        <source>The filing condition is not one of the class of the case.</source>
        <translation>该立案条件不属于本案的类别。</translation>
    </message>
    <message>
        <source>Filing condition {condition} is not in force any more: choose its present version.</source>
        <translation>立案条件 {condition} 当前无效：请选用现行版本。</translation>
    </message>
    <message>
        <source>The login {login} belongs to no active member of staff, or lacks the database role of its post.</source>
        <translation>登录名 {login} 不属于任何在岗人员，或缺少其岗位的数据库角色。</translation>
    </message>
    <message>
        <source>The request number {request} was used for another move already.</source>
        <translation>请求编号 {request} 已用于其他操作。</translation>
    </message>
    <message>
        <source>The case was changed meanwhile: {who}, “{move}”, {at}. Look at it again; nothing of yours was done.</source>
        <translation>案件已被改动：{who} 于 {at} 执行了“{move}”。请重新查看；您的操作未执行。</translation>
    </message>
    <message>
        <source>The move “{move}” is not possible while the case is in the state “{state}”.</source>
        <translation>案件处于“{state}”状态，不能执行“{move}”。</translation>
    </message>
    <message>
        <source>The move “{move}” needs this: {field}.</source>
        <translation>执行“{move}”须填写：{field}。</translation>
    </message>
    <message>
        <source>The move “{move}” does not take this: {field}.</source>
        <translation>执行“{move}”不需要：{field}。</translation>
    </message>
    <message>
        <source>The last day on account must lie between today and a year ahead; {day} does not.</source>
        <translation>挂账截止日须在今天至一年以内；{day} 不符合。</translation>
    </message>
    <message>
        <source>Nothing differs from what the case says already.</source>
        <translation>与案件现有内容相同，没有改动。</translation>
    </message>
    <message>
        <source>This department does not dispose of cases.</source>
        <translation>该部门不承担处置工作。</translation>
    </message>
    <message>
        <source>This person cannot be asked: not active, or not of the right post or department.</source>
        <translation>不能指派此人：不在岗，或岗位、部门不符。</translation>
    </message>
    <message>
        <source>Cases cannot be merged into this one: it is the same case, merged itself, cancelled or not accepted.</source>
        <translation>不能并入该案件：它就是本案，或已被合并、作废、不予受理。</translation>
    </message>
    <message>
        <source>The kind of supervision must be timeout, leader or important.</source>
        <translation>督办类型须为超时、领导或重要。</translation>
    </message>
    <message>
        <source>No terminal {phone} has registered.</source>
        <translation>没有登记过的终端 {phone}。</translation>
    </message>
    <message>
        <source>There is no vehicle {vehicle}.</source>
        <translation>没有车辆 {vehicle}。</translation>
    </message>
    <message>
        <source>There is a token {name} already: revoke it first.</source>
        <translation>已有名为 {name} 的令牌：请先吊销它。</translation>
    </message>
    <message>
        <source>A command is for 1 to 1000 vehicles and waits for 1 to 1440 minutes.</source>
        <translation>一条指令面向 1 至 1000 辆车，等待时间为 1 至 1440 分钟。</translation>
    </message>
    <message>
        <source>There is a truck {plate} already: choose it instead.</source>
        <translation>已有车牌 {plate} 的车辆：请直接选择该车。</translation>
    </message>
    <message>
        <source>A truck needs a plate of 4 to 12 letters, the colour of it, a company, and a box of up to 60 m³.</source>
        <translation>车辆须有 4 至 12 位车牌、车牌颜色、所属企业，以及不超过 60 m³ 的车厢容积。</translation>
    </message>
    <message>
        <source>To block a terminal takes its number and a reason.</source>
        <translation>禁用终端须给出终端号和理由。</translation>
    </message>
    <message>
        <source>There is no token {name} any more.</source>
        <translation>令牌 {name} 已不存在。</translation>
    </message>
    <message>
        <source>A text for a driver is one line of at most 400 bytes in GBK (200 Chinese characters), shown or read aloud.</source>
        <translation>发给司机的文字须为一行，GBK 编码不超过 400 字节（200 个汉字），并至少选择显示或播读。</translation>
    </message>
    <message>
        <source>The parameter {name} cannot be {value}: report_s is 5–600, report_asleep_s 30–7200, heartbeat_s 10–600, speed_limit_kmh 20–120.</source>
        <translation>参数 {name} 不能为 {value}：report_s 为 5–600，report_asleep_s 为 30–7200，heartbeat_s 为 10–600，speed_limit_kmh 为 20–120。</translation>
    </message>
    <message>
        <source>There is no sensor {sensor}.</source>
        <translation>没有传感器 {sensor}。</translation>
    </message>
    <message>
        <source>“{field}” does not bring what sensor {sensor} measures: choose another one.</source>
        <translation>“{field}”不是传感器 {sensor} 所测的量：请另选要素。</translation>
    </message>
    <message>
        <source>The unit of “{field}” is not known: say by what it is multiplied to be in {unit}.</source>
        <translation>“{field}”的单位不明：请给出换算为 {unit} 的系数。</translation>
    </message>
    <message>
        <source>Sensor {sensor} cannot be told by a running total and by single values at once.</source>
        <translation>传感器 {sensor} 不能同时用累计值和时段值上报。</translation>
    </message>
    <message>
        <source>A saved filter needs a name of at most 40 characters, and a key from 1 to 9 or none.</source>
        <translation>保存的筛选需要不超过 40 个字的名称，以及 1 至 9 的快捷键（也可不设）。</translation>
    </message>
    <message>
        <source>The shared filter “{name}” is {owner}&apos;s: choose another name.</source>
        <translation>共享筛选“{name}”属于{owner}，请另取名称。</translation>
    </message>
    <message>
        <source>The filter “{name}” is {owner}&apos;s: only its owner or the shift leader may drop it.</source>
        <translation>筛选“{name}”属于{owner}，只有本人或值班长可以删除。</translation>
    </message>
    <message>
        <source>Your post ({role}) works no shifts that are handed over.</source>
        <translation>您的岗位（{role}）没有交接班。</translation>
    </message>
    <message>
        <source>A hand-over needs notes of at most 2000 characters: write what the next shift has to know.</source>
        <translation>交班须填写不超过 2000 字的记录：请写明需要下一班知道的事项。</translation>
    </message>
    <message>
        <source>A shift is handed to a colleague at the same post, or to whoever comes next: choose one of them.</source>
        <translation>只能交班给同岗位的同事或下一班任何人：请重新选择。</translation>
    </message>
    <message>
        <source>At most 200 cases go with a hand-over, all of them cases that you see yourself.</source>
        <translation>随交班移交的案件最多 200 件，且须是您本人可见的案件。</translation>
    </message>
    <message>
        <source>This hand-over is for another post.</source>
        <translation>这是其他岗位的交班。</translation>
    </message>
    <message>
        <source>Your own hand-over is taken over by the next one at your post.</source>
        <translation>您自己的交班须由同岗位下一班接班。</translation>
    </message>
    <message>
        <source>{who} took this shift over already, {at}.</source>
        <translation>{who} 已于 {at} 接班。</translation>
    </message>
    <message>
        <source>Your login belongs to no active member of staff.</source>
        <translation>您的账号没有对应的在岗人员。</translation>
    </message>
    <message>
        <source>Your post ({role}) may not do this with alarms.</source>
        <translation>您的岗位（{role}）不能对报警执行此操作。</translation>
    </message>
    <message>
        <source>There is no alarm {alarm}.</source>
        <translation>没有报警 {alarm}。</translation>
    </message>
    <message>
        <source>This alarm is case {case} already.</source>
        <translation>此报警已转为案件 {case}。</translation>
    </message>
    <message>
        <source>The alarm was changed meanwhile: look at it again; nothing of yours was done.</source>
        <translation>报警已被改动：请重新查看；您的操作未执行。</translation>
    </message>
    <message>
        <source>This is not possible while the alarm is in this state.</source>
        <translation>报警处于当前状态时不能执行此操作。</translation>
    </message>
    <message>
        <source>Say why: an alarm is not set aside without a reason.</source>
        <translation>请填写原因：没有原因不能搁置报警。</translation>
    </message>
    <message>
        <source>An alarm can be shelved for 1 to {most} minutes, not for {minutes}.</source>
        <translation>报警可搁置 1 至 {most} 分钟，不能为 {minutes} 分钟。</translation>
    </message>
    <message>
        <source>There is nothing that could raise this alarm.</source>
        <translation>没有能产生该报警的对象。</translation>
    </message>
    <message>
        <source>Another gateway judges positions and readings now.</source>
        <translation>现由另一网关判读定位和读数。</translation>
    </message>
    <message>
        <source>There is no alarm rule {rule}.</source>
        <translation>没有报警规则 {rule}。</translation>
    </message>
    <message>
        <source>The alarm rule was changed meanwhile: look at it again; nothing of yours was saved.</source>
        <translation>报警规则已被改动：请重新查看；您的修改未保存。</translation>
    </message>
    <message>
        <source>An alarm rule has no part {part} that can be changed.</source>
        <translation>报警规则没有可修改的项 {part}。</translation>
    </message>
    <message>
        <source>A part of the alarm rule has a value that it cannot have: figures are wanted, and delays from 0 to 86400 seconds.</source>
        <translation>报警规则有一项的值无效：应填数字，延时为 0 至 86400 秒。</translation>
    </message>
    <message>
        <source>The further figures of this alarm rule are {keys}: neither more nor fewer.</source>
        <translation>该报警规则的附加参数为 {keys}：不能增减。</translation>
    </message>
    <message>
        <source>The clear point must not lie above the set point: an alarm would end before it begins.</source>
        <translation>解除值不能高于设定值：否则报警未起先止。</translation>
    </message>
    <message>
        <source>A rule without cause, consequence, action, priority, set point, clear point or delays cannot be enabled.</source>
        <translation>缺少原因、后果、处置措施、优先级、设定值、解除值或延时的规则不能启用。</translation>
    </message>
    <message>
        <source>Your post ({role}) may not change permits, areas and sites.</source>
        <translation>您的岗位（{role}）无权更改许可、限行区和工地、消纳场。</translation>
    </message>
    <message>
        <source>Somebody has taken this away meanwhile; nothing of yours was saved.</source>
        <translation>此项已被他人移除；您的更改未保存。</translation>
    </message>
    <message>
        <source>This was changed meanwhile by {who} at {at}; nothing of yours was saved yet.</source>
        <translation>此项已由{who}于 {at} 更改；您的更改尚未保存。</translation>
    </message>
    <message>
        <source>The shape cannot be kept: it must lie in the city, be larger than a metre, and its border must not cross itself.</source>
        <translation>图形无法保存：须位于本市范围内、大于一米，且边界不得自相交。</translation>
    </message>
    <message>
        <source>A traffic area has a name, a speed from 0 (no entry) to 120 km/h, and hours.</source>
        <translation>限行区须有名称、时段，以及 0（禁行）至 120 km/h 的限速。</translation>
    </message>
    <message>
        <source>The name {name} is taken: choose another one.</source>
        <translation>名称或编号“{name}”已被使用，请另选一个。</translation>
    </message>
    <message>
        <source>A site has a code and a name, and a dump site a capacity.</source>
        <translation>场地须有编码和名称，消纳场还须有容量。</translation>
    </message>
    <message>
        <source>Permits name this site: it stays, so that what they allowed can be told.</source>
        <translation>有许可涉及此场地，须予保留，以便查明许可内容。</translation>
    </message>
    <message>
        <source>A permit has a number, a truck, a work site, a dump site, a volume, hours, and days from first to last, three years at most.</source>
        <translation>许可须有编号、车辆、出土工地、消纳场、方量、时段和起止日期，最长三年。</translation>
    </message>
    <message>
        <source>The permit is revoked and is not changed any more: copy it to make a new one.</source>
        <translation>许可已撤销，不能再改；可复制后新建。</translation>
    </message>
    <message>
        <source>A permit is revoked for a reason: write it down.</source>
        <translation>撤销许可须写明原因。</translation>
    </message>
    <message>
        <source>The working calendar has no working hours: enter them.</source>
        <translation>工作日历没有工作时间，请录入。</translation>
    </message>
    <message>
        <source>The working calendar knows {first} to {last} but not {day}: import that year.</source>
        <translation>工作日历只覆盖 {first} 至 {last}，不含 {day}，请导入该年。</translation>
    </message>
    <message>
        <source>{file}: class {code} is in use but has no filing condition.</source>
        <translation>{file}：小类 {code} 在用但没有立案条件。</translation>
    </message>
    <message>
        <source>{file}, line {line}: “{value}” is not a valid {column}.</source>
        <translation>{file} 第 {line} 行：“{value}”不是有效的 {column}。</translation>
    </message>
    <message>
        <source>The catalogue {file} cannot be read: {fault}</source>
        <translation>无法读取目录 {file}：{fault}</translation>
    </message>
    <message>
        <source>{file}, line {line}: wrong number of columns.</source>
        <translation>{file} 第 {line} 行：列数不符。</translation>
    </message>
    <message>
        <source>The file has no column for {missing} of {table}. It has {available}. Say which it is, for example --map {example}, or one value for all rows, --set {field}=….</source>
        <translation>文件没有 {table} 的 {missing} 列，现有列：{available}。请指明对应列，如 --map {example}，或为所有行设同一值 --set {field}=…。</translation>
    </message>
    <message>
        <source>“{typed}” is no mapping; write field=column or field=column*factor.</source>
        <translation>“{typed}”不是映射；格式为 字段=列 或 字段=列*系数。</translation>
    </message>
    <message>
        <source>The file has no column “{column}”. It has {available}.</source>
        <translation>文件没有“{column}”列，现有列：{available}。</translation>
    </message>
    <message>
        <source>“{typed}” sets nothing; write field=value.</source>
        <translation>“{typed}”未设值；格式为 字段=值。</translation>
    </message>
    <message>
        <source>{table} has no field “{name}” that a file could fill. It has {fields}.</source>
        <translation>{table} 没有可由文件填写的字段“{name}”，可用字段：{fields}。</translation>
    </message>
    <message>
        <source>The file has no geometry that can be recognised. Its columns are {available}. Name them, for example --map x=… --map y=…, or --map wkt=….</source>
        <translation>文件中未识别到几何，现有列：{available}。请指明，如 --map x=… --map y=…，或 --map wkt=…。</translation>
    </message>
    <message>
        <source>an Excel workbook or a ZIP archive; save it as CSV, or unpack it</source>
        <translation>Excel 工作簿或 ZIP 压缩包；请另存为 CSV 或解压</translation>
    </message>
    <message>
        <source>an old Excel workbook; save it as CSV</source>
        <translation>旧版 Excel 工作簿；请另存为 CSV</translation>
    </message>
    <message>
        <source>a compressed file; unpack it</source>
        <translation>压缩文件；请解压</translation>
    </message>
    <message>
        <source>a PDF document</source>
        <translation>PDF 文档</translation>
    </message>
    <message>
        <source>a web page, perhaps the error page of a download; download it again</source>
        <translation>网页，可能是下载出错的页面；请重新下载</translation>
    </message>
    <message>
        <source>{path} is of no known kind; layers come as {kinds}.</source>
        <translation>{path} 类型未知；图层可为 {kinds}。</translation>
    </message>
    <message>
        <source>{path} changed while it was read. Wait until it is complete, then try again.</source>
        <translation>{path} 在读取时发生变化。请待其写完后重试。</translation>
    </message>
    <message>
        <source>{path} has no rows: there is nothing to import.</source>
        <translation>{path} 没有数据行，无可导入。</translation>
    </message>
    <message>
        <source>The sheet “{sheet}” has {rows} rows, more than any standard. Delete the empty ones.</source>
        <translation>工作表“{sheet}”有 {rows} 行，超过任何标准。请删除空行。</translation>
    </message>
    <message>
        <source>{path} cannot be read: {fault}.</source>
        <translation>无法读取 {path}：{fault}。</translation>
    </message>
    <message>
        <source>{path} is empty.</source>
        <translation>{path} 为空。</translation>
    </message>
    <message>
        <source>{path} is an old or an encrypted workbook, whatever its name says. Open it in a spreadsheet program and save it as .xlsx without a password.</source>
        <translation>{path} 无论文件名如何，实为旧版或加密的工作簿。请用电子表格软件打开，另存为不带密码的 .xlsx。</translation>
    </message>
    <message>
        <source>{path} is no workbook but perhaps a text file (CSV), whatever its name says. Open it in a spreadsheet program and save it as .xlsx.</source>
        <translation>{path} 无论文件名如何，都不是工作簿，可能是文本文件（CSV）。请用电子表格软件打开，另存为 .xlsx。</translation>
    </message>
    <message>
        <source>{path} is larger than any standard ({size} MB). Nothing was read.</source>
        <translation>{path} 大小超过任何标准（{size} MB）。未读取任何内容。</translation>
    </message>
    <message>
        <source>{path} is no Excel workbook (.xlsx) but another kind of archive.</source>
        <translation>{path} 不是 Excel 工作簿（.xlsx），而是其他压缩文件。</translation>
    </message>
    <message>
        <source>{path} is damaged or incomplete, perhaps not copied to its end. Open it in a spreadsheet program and save it anew as .xlsx, or ask for it again. Nothing was read.</source>
        <translation>{path} 已损坏或不完整，可能没有复制完。请用表格软件打开后重新另存为 .xlsx，或请对方重新发送。未读取任何内容。</translation>
    </message>
    <message>
        <source>{path} has no sheet with the columns of a standard; missing: {columns}. Nothing was read.</source>
        <translation>{path} 中没有含标准各列的工作表；缺少：{columns}。未读取任何内容。</translation>
    </message>
    <message>
        <source>a database; name it .gpkg if it is a GeoPackage</source>
        <translation>数据库文件；若为 GeoPackage 请命名为 .gpkg</translation>
    </message>
    <message>
        <source>{path} is no {kind} but {words}.</source>
        <translation>{path} 不是 {kind}，而是{words}。</translation>
    </message>
    <message>
        <source>{path} is no complete {kind}: {fault}. Copy or export it again.</source>
        <translation>{path} 不是完整的 {kind}：{fault}。请重新复制或导出。</translation>
    </message>
    <message>
        <source>{path}: {kind}, layer {layer}, {encoding}, {rows} features</source>
        <translation>{path}：{kind}，图层 {layer}，{encoding}，{rows} 个要素</translation>
    </message>
    <message>
        <source>{path}: {kind}, {encoding}, {rows} features</source>
        <translation>{path}：{kind}，{encoding}，{rows} 个要素</translation>
    </message>
    <message>
        <source>Beside {path} lies no {missing}; a Shapefile is several files of one name. Copy them all.</source>
        <translation>{path} 旁缺少 {missing}；Shapefile 由多个同名文件组成，请全部复制。</translation>
    </message>
    <message>
        <source>{path} has no layer with geometry.</source>
        <translation>{path} 没有含几何的图层。</translation>
    </message>
    <message>
        <source>{path} has the layers {layers}. Name one with --layer.</source>
        <translation>{path} 有图层 {layers}，请用 --layer 指定。</translation>
    </message>
    <message>
        <source>the reader says: {words}</source>
        <translation>读取程序提示：{words}</translation>
    </message>
    <message>
        <source>{path} has two columns of the same name: {names}. Rename one.</source>
        <translation>{path} 有同名列：{names}，请改名。</translation>
    </message>
    <message>
        <source>{path}: CSV, delimiter “{delimiter}”, {encoding}, {rows} rows</source>
        <translation>{path}：CSV，分隔符“{delimiter}”，{encoding}，{rows} 行</translation>
    </message>
    <message>
        <source>{path} is no table: its first line has one cell, where a header of several is needed.</source>
        <translation>{path} 不是表格：首行只有一格，需要多列表头。</translation>
    </message>
    <message>
        <source>{path} is not written in {encoding}. Say its encoding with --encoding.</source>
        <translation>{path} 不是 {encoding} 编码，请用 --encoding 指定。</translation>
    </message>
    <message>
        <source>{path} is written in neither UTF-8 nor GB18030. Say its encoding with --encoding.</source>
        <translation>{path} 既非 UTF-8 也非 GB18030，请用 --encoding 指定编码。</translation>
    </message>
    <message>
        <source>There is no encoding {encoding}; write for example UTF-8 or GB18030.</source>
        <translation>没有编码 {encoding}；可写 UTF-8 或 GB18030。</translation>
    </message>
    <message>
        <source>Layers are imported into {tables}; there is no {table} among them.</source>
        <translation>图层可导入 {tables}，其中没有 {table}。</translation>
    </message>
    <message>
        <source>not used: {columns}</source>
        <translation>未使用的列：{columns}</translation>
    </message>
    <message>
        <source>another number of cells than the first line</source>
        <translation>格数与首行不同</translation>
    </message>
    <message>
        <source>the code stands {count} times in the file: {word} {places}</source>
        <translation>编号在文件中出现 {count} 次：{word} {places}</translation>
    </message>
    <message>
        <source>coordinates: {crs} → {city}</source>
        <translation>坐标：{crs} → {city}</translation>
    </message>
    <message>
        <source>coordinates that cannot be transformed</source>
        <translation>坐标无法转换</translation>
    </message>
    <message>
        <source>{path} does not say its coordinate system. Say it with --crs, for example --crs EPSG:4490 for degrees of CGCS2000 or --crs EPSG:4546 for metres.</source>
        <translation>{path} 未注明坐标系。请用 --crs 指定，如 CGCS2000 经纬度用 --crs EPSG:4490，米制用 --crs EPSG:4546。</translation>
    </message>
    <message>
        <source>There is no coordinate system “{crs}”; write for example EPSG:4546.</source>
        <translation>没有坐标系“{crs}”；可写 EPSG:4546。</translation>
    </message>
    <message>
        <source>From {crs} to {city} no exact transformation is known. Let the survey office convert the file to CGCS2000.</source>
        <translation>{crs} 到 {city} 没有已知的精确转换。请由测绘部门将文件转换为 CGCS2000。</translation>
    </message>
    <message>
        <source>the geometry is no well-known text (WKT)</source>
        <translation>几何不是 WKT 文本</translation>
    </message>
    <message>
        <source>{column}: “{value}” is no number</source>
        <translation>{column}：“{value}”不是数字</translation>
    </message>
    <message>
        <source>{column}: “{value}” is not finite</source>
        <translation>{column}：“{value}”不是有限数</translation>
    </message>
    <message>
        <source>no geometry, or one that cannot be read</source>
        <translation>没有几何或几何无法读取</translation>
    </message>
    <message>
        <source>the geometry is empty</source>
        <translation>几何为空</translation>
    </message>
    <message>
        <source>coordinates that are not finite</source>
        <translation>坐标不是有限数</translation>
    </message>
    <message>
        <source>The layer does not lie where the city is (109.5–112.5° E): read as {crs}, its coordinates near {x:.10g}, {y:.10g} {hint} Nothing was imported.</source>
        <translation>图层不在本市范围（东经 109.5–112.5°）：按 {crs} 读取，坐标约 {x:.10g}, {y:.10g}，{hint}未导入任何数据。</translation>
    </message>
    <message>
        <source>fit once the axes are swapped: north or latitude seems to come first. Say --swap-axes.</source>
        <translation>交换坐标轴后吻合，似乎北坐标或纬度在前，请加 --swap-axes。</translation>
    </message>
    <message>
        <source>look like degrees. Say --crs EPSG:4490, or which degrees they are.</source>
        <translation>看似经纬度，请指定 --crs EPSG:4490 或实际坐标系。</translation>
    </message>
    <message>
        <source>carry the zone number {zone} in front (Gauss-Krüger). Say --crs EPSG:{code}{swap}.</source>
        <translation>带有带号 {zone}（高斯-克吕格），请指定 --crs EPSG:{code}{swap}。</translation>
    </message>
    <message>
        <source>look like metres, not degrees. Say which with --crs.</source>
        <translation>看似米制而非经纬度，请用 --crs 指定。</translation>
    </message>
    <message>
        <source>lie at {lon:.2f}° E, {lat:.2f}° N. Say the right system with --crs, or take the right file.</source>
        <translation>位于东经 {lon:.2f}°、北纬 {lat:.2f}°，请用 --crs 指定正确坐标系或选用正确文件。</translation>
    </message>
    <message>
        <source>fit nowhere. Say the right system with --crs.</source>
        <translation>不属于任何已知范围，请用 --crs 指定正确坐标系。</translation>
    </message>
    <message>
        <source>invalid geometry: {fault}</source>
        <translation>几何无效：{fault}</translation>
    </message>
    <message>
        <source>{count} parts where one {wanted} is needed</source>
        <translation>含 {count} 个部分，而只能有一个 {wanted}</translation>
    </message>
    <message>
        <source>a {kind} where a {wanted} is needed</source>
        <translation>为 {kind}，而需要 {wanted}</translation>
    </message>
    <message>
        <source>lies {km:.0f} km outside the city</source>
        <translation>位于市外 {km:.0f} km</translation>
    </message>
    <message>
        <source>an end lies {metres} m away from its manhole {code}</source>
        <translation>一端距其检查井 {code} {metres} m</translation>
    </message>
    <message>
        <source>reverse slope: {high:.2f} m in, {low:.2f} m out</source>
        <translation>逆坡：进口 {high:.2f} m，出口 {low:.2f} m</translation>
    </message>
    <message>
        <source>its code names another class than {class}</source>
        <translation>编码所示类别与 {class} 不符</translation>
    </message>
    <message>
        <source>drawn against the flow from its first manhole; turned round</source>
        <translation>绘制方向与自起点井的流向相反，已反转</translation>
    </message>
    <message>
        <source>{field} is missing and cannot be found out</source>
        <translation>缺少 {field} 且无法推得</translation>
    </message>
    <message>
        <source>{field}: there is no {target} “{value}”</source>
        <translation>{field}：没有 {target}“{value}”</translation>
    </message>
    <message>
        <source>not tried: too many rows before it were refused</source>
        <translation>未尝试：此前被拒绝的行过多</translation>
    </message>
    <message>
        <source>the database refuses it: {words}</source>
        <translation>数据库拒绝：{words}</translation>
    </message>
    <message>
        <source>{field} is a number out of all bounds</source>
        <translation>{field} 数值超出合理范围</translation>
    </message>
    <message>
        <source>lies outside the area of use of EPSG:4546 (109.5–112.5° E) or is not valid</source>
        <translation>超出 EPSG:4546 适用范围（东经 109.5–112.5°）或无效</translation>
    </message>
    <message>
        <source>{found} breaks the rule {rule}</source>
        <translation>{found} 违反规则 {rule}</translation>
    </message>
    <message>
        <source>{field} is a sign for “unknown”</source>
        <translation>{field} 是表示“未知”的值</translation>
    </message>
    <message>
        <source>Half of the values of {column} lie below {middle:g}: that does not look like {field} in {unit}. Say the unit with a factor: --map {field}={column}*25.4 for inches, *1000 for metres, *1 for {unit}.</source>
        <translation>{column} 半数值低于 {middle:g}，不像以 {unit} 计的 {field}。请用系数说明单位：英寸用 --map {field}={column}*25.4，米用 *1000，{unit} 用 *1。</translation>
    </message>
    <message>
        <source>{field} is {count} characters long, {most} are allowed</source>
        <translation>{field} 长 {count} 个字符，最多 {most} 个</translation>
    </message>
    <message>
        <source>{field} holds control characters: “{value}”</source>
        <translation>{field} 含控制字符：“{value}”</translation>
    </message>
    <message>
        <source>{field}: “{value}” is no number</source>
        <translation>{field}：“{value}”不是数字</translation>
    </message>
    <message>
        <source>{field}: “{value}” has a unit, but needs none</source>
        <translation>{field}：“{value}”带有单位，应去掉</translation>
    </message>
    <message>
        <source>{field}: “{value}” is no whole number</source>
        <translation>{field}：“{value}”不是整数</translation>
    </message>
    <message>
        <source>{field}: “{value}” is not known here; known are {known}</source>
        <translation>{field}：未知值“{value}”，可用值：{known}</translation>
    </message>
    <message>
        <source>{field}: “{value}” is neither yes nor no</source>
        <translation>{field}：“{value}”既非是也非否</translation>
    </message>
    <message>
        <source>{field}: “{value}” is no date; write YYYY-MM-DD</source>
        <translation>{field}：“{value}”不是日期；格式为 YYYY-MM-DD</translation>
    </message>
    <message>
        <source>imported</source>
        <translation>已导入</translation>
    </message>
    <message>
        <source>changed</source>
        <translation>已更改</translation>
    </message>
    <message>
        <source>unchanged</source>
        <translation>未变</translation>
    </message>
    <message>
        <source>skipped</source>
        <translation>已跳过</translation>
    </message>
    <message>
        <source>Written in one transaction.</source>
        <translation>已在一个事务中写入。</translation>
    </message>
    <message>
        <source>Refused, nothing was written. Rows with faults: {count}. Mend them, or import the others with --skip-invalid.</source>
        <translation>已拒绝，未写入任何数据。有误的行：{count}。请修正，或用 --skip-invalid 导入其余行。</translation>
    </message>
    <message>
        <source>Dry run: nothing was written. Repeat with --apply to import.</source>
        <translation>试运行：未写入任何数据。加 --apply 重试即导入。</translation>
    </message>
    <message>
        <source>The report {path} cannot be written: {fault}. Nothing was imported.</source>
        <translation>无法写入报告 {path}：{fault}。未导入任何数据。</translation>
    </message>
    <message>
        <source>line</source>
        <translation>行</translation>
    </message>
    <message>
        <source>feature</source>
        <translation>要素</translation>
    </message>
    <message>
        <source>… and {count} more that are new; --report FILE.csv lists all</source>
        <translation>… 另有 {count} 条新增；--report 文件.csv 列出全部</translation>
    </message>
    <message>
        <source>… and {count} more that change; --report FILE.csv lists all</source>
        <translation>… 另有 {count} 条更改；--report 文件.csv 列出全部</translation>
    </message>
    <message>
        <source>… and {count} more with faults; --report FILE.csv lists all</source>
        <translation>… 另有 {count} 条有误；--report 文件.csv 列出全部</translation>
    </message>
    <message>
        <source>This login is not entered as a person of the city. Ask the administrator to add it.</source>
        <translation>此登录名未登记为本市人员。请联系系统管理员添加。</translation>
    </message>
    <message>
        <source>The folder {folder} cannot be written to: {reason}. Choose another --data-dir.</source>
        <translation>无法写入目录 {folder}：{reason}。请用 --data-dir 另选。</translation>
    </message>
    <message>
        <source>The role {role} has no workspace in this console.</source>
        <translation>角色 {role} 在本指挥台没有工作区。</translation>
    </message>
    <message>
        <source>The demonstration city was not completed. Start the console again.</source>
        <translation>示例城市未能建成。请重新启动指挥台。</translation>
    </message>
    <message>
        <source>The setting {name} is “{value}”; it must be one of {choices}.</source>
        <translation>设置项 {name} 为“{value}”，应为 {choices} 之一。</translation>
    </message>
    <message>
        <source>The setting {name} is “{value}”; it must be a whole number.</source>
        <translation>设置项 {name} 的值为“{value}”，必须是整数。</translation>
    </message>
    <message>
        <source>The settings file {path} cannot be read: {fault}. Mend or delete it.</source>
        <translation>无法读取设置文件 {path}：{fault}。请修正或删除它。</translation>
    </message>
    <message>
        <source>The database already holds data (table {table}); the demonstration city is only put into an empty one. Nothing was changed.</source>
        <translation>数据库已有数据（表 {table}）；示例城市只能放入空库。未作任何改动。</translation>
    </message>
    <message>
        <source>The database holds no city that could be played. Run “python -m console.database seed” first.</source>
        <translation>数据库中没有可模拟的城市。请先执行“python -m console.database seed”。</translation>
    </message>
    <message>
        <source>The translation {name} is missing. Install the program anew.</source>
        <translation>缺少译文 {name}。请重新安装程序。</translation>
    </message>
    <message>
        <source>The picture {path} cannot be written. {reason}</source>
        <translation>无法写入图片 {path}。{reason}</translation>
    </message>
    <message>
        <source>The setting {name} is relied on by rules; change its value instead.</source>
        <translation>规则要用到设置“{name}”，不能删除，只能修改其值。</translation>
    </message>
    <message>
        <source>{name} cannot be {value}: it must be {allowed}.</source>
        <translation>{name} 不能为 {value}：允许的值是 {allowed}。</translation>
    </message>
    <message>
        <source>The setting {name} has no part {field}.</source>
        <translation>设置“{name}”没有 {field} 这一项。</translation>
    </message>
    <message>
        <source>A new version of the condition {condition} follows version {version}, after its last day and not in the past.</source>
        <translation>立案条件 {condition} 的新版本须接在第 {version} 版之后，晚于其最后一天，且不得早于今天。</translation>
    </message>
    <message>
        <source>Version {version} of the condition {condition} was in force and is never changed: end it and add a new version.</source>
        <translation>立案条件 {condition} 第 {version} 版已经生效过，不可修改：请终止它并增加新版本。</translation>
    </message>
    <message>
        <source>The standard cannot be changed from {day} on, in the past.</source>
        <translation>标准不能从过去的日期 {day} 起修改。</translation>
    </message>
    <message>
        <source>The condition {condition} came into force on {day} and cases may have been filed under it: let the change begin later.</source>
        <translation>立案条件 {condition} 已于 {day} 生效，可能已有案件据此立案：请让修改晚些生效。</translation>
    </message>
    <message>
        <source>The condition {condition} was changed meanwhile by {login} at {at}.</source>
        <translation>立案条件 {condition} 已被 {login} 于 {at} 修改。</translation>
    </message>
    <message>
        <source>The code of the class {class} stands in cases and components and never changes: add a class of its own.</source>
        <translation>小类代码 {class} 已用于案件和部件，不可更改：请另增一个小类。</translation>
    </message>
    <message>
        <source>The department {name} cannot belong to itself or to one of its own parts.</source>
        <translation>部门“{name}”不能隶属于自身或其下级部门。</translation>
    </message>
    <message>
        <source>The last active administrator stays: give another post that role first.</source>
        <translation>至少要保留一名在用的系统管理员：请先把该角色授予其他岗位。</translation>
    </message>
    <message>
        <source>The hours {hours} from {day} on overlap {other} from {other_day} on.</source>
        <translation>{day} 起的作息时段 {hours} 与 {other_day} 起的 {other} 重叠。</translation>
    </message>
    <message>
        <source>Only an active post that has a login gets a password.</source>
        <translation>只有在用且有登录名的岗位才能设置密码。</translation>
    </message>
    <message>
        <source>A password is set by its verifier (SCRAM-SHA-256), never as plain text.</source>
        <translation>密码只能以校验值（SCRAM-SHA-256）设置，不得为明文。</translation>
    </message>
    <message>
        <source>The server uses the name {login} for something else than a login of this city: choose another name.</source>
        <translation>服务器上的名称 {login} 不是本系统的登录名：请换一个名称。</translation>
    </message>
    <message>
        <source>The owner of the database may not manage the login {login}: let the server&apos;s administrator give it CREATEROLE, or keep logins by hand.</source>
        <translation>数据库所有者无权管理登录名 {login}：请服务器管理员授予其 CREATEROLE，或手工维护登录名。</translation>
    </message>
    <message>
        <source>Port {port} cannot be listened on: {reason}. Choose another one.</source>
        <translation>无法监听端口 {port}：{reason}。请换一个端口。</translation>
    </message>
    <message>
        <source>The spool folder {folder} cannot be used: {fault}. Mend its rights.</source>
        <translation>暂存文件夹 {folder} 无法使用：{fault}。请修正其权限。</translation>
    </message>
    <message>
        <source>A password has at least 10 characters.</source>
        <translation>密码至少 10 个字符。</translation>
    </message>
    <message>
        <source>A password does not contain the login.</source>
        <translation>密码不得包含登录名。</translation>
    </message>
    <message>
        <source>A password is not made of a few characters repeated.</source>
        <translation>密码不得由少数几个字符重复组成。</translation>
    </message>
    <message>
        <source>One row was changed meanwhile by {login} at {at}. Nothing was saved; look at what differs, then save again.</source>
        <translation>{login} 已于 {at} 修改了 1 行。未保存任何内容；请查看不同之处后再保存。</translation>
    </message>
    <message>
        <source>{count} rows were changed meanwhile by {login} at {at}. Nothing was saved; look at what differs, then save again.</source>
        <translation>{login} 在 {at} 修改了其中 {count} 行。未保存任何内容；请查看差异后重新保存。</translation>
    </message>
    <message>
        <source>“{value}” is there already; it can be given only once. Nothing was saved.</source>
        <translation>“{value}”已存在，不可重复。未保存任何内容。</translation>
    </message>
    <message>
        <source>Something still refers to it ({table}), so it cannot be removed; take it out of use instead. Nothing was saved.</source>
        <translation>仍有内容引用它（{table}），不能删除；请改为停用。未保存任何内容。</translation>
    </message>
    <message>
        <source>The database does not take this value ({rule}). Nothing was saved.</source>
        <translation>数据库不接受此值（{rule}）。未保存任何内容。</translation>
    </message>
    <message>
        <source>{name} is no file.</source>
        <translation>{name} 不是文件。</translation>
    </message>
    <message>
        <source>The file {name} cannot be read: {reason}.</source>
        <translation>无法读取文件 {name}：{reason}。</translation>
    </message>
    <message>
        <source>The file {name} cannot be evidence; JPEG, PNG, WebP, MP4, MOV, 3GP, AMR, MP3, M4A, WAV and PDF can.</source>
        <translation>文件 {name} 不能作为附件；可用的格式为 JPEG、PNG、WebP、MP4、MOV、3GP、AMR、MP3、M4A、WAV 和 PDF。</translation>
    </message>
    <message>
        <source>The file {name} is damaged or was cut off. Take or send it again.</source>
        <translation>文件 {name} 已损坏或不完整，请重新拍摄或发送。</translation>
    </message>
    <message>
        <source>The file {name} is empty.</source>
        <translation>文件 {name} 是空的。</translation>
    </message>
    <message>
        <source>The file {name} has {size} MB; at most {most} MB are allowed.</source>
        <translation>文件 {name} 大小为 {size} MB，最多允许 {most} MB。</translation>
    </message>
    <message>
        <source>The picture {name} has too many pixels; at most {most} million are allowed. Make it smaller.</source>
        <translation>图片 {name} 像素过多，最多允许 {most} 百万像素，请缩小后再试。</translation>
    </message>
    <message>
        <source>The picture {name} is damaged or was cut off. Take or send it again.</source>
        <translation>图片 {name} 已损坏或不完整，请重新拍摄或发送。</translation>
    </message>
    <message>
        <source>The login {login} belongs to no active member of staff.</source>
        <translation>登录名 {login} 不属于任何在岗人员。</translation>
    </message>
    <message>
        <source>Your post does not add to or withdraw the evidence of cases.</source>
        <translation>您的岗位不能添加或撤回案件附件。</translation>
    </message>
    <message>
        <source>The case is not yours: its evidence is for others to add to.</source>
        <translation>该案件不归您办理，附件应由他人添加。</translation>
    </message>
    <message>
        <source>The case {case_no} has ended: its evidence stays as it is, unless it is reopened or appealed against.</source>
        <translation>案件 {case_no} 已办结：除非重新打开或提出申诉，附件保持不变。</translation>
    </message>
    <message>
        <source>The request number {request} was used for another file already.</source>
        <translation>请求编号 {request} 已用于另一个文件。</translation>
    </message>
    <message>
        <source>The file {name} was damaged on its way: send it again.</source>
        <translation>文件 {name} 在传输中损坏，请重新发送。</translation>
    </message>
    <message>
        <source>The file {name} in the folder needs its checksum.</source>
        <translation>文件夹中的文件 {name} 需要校验和。</translation>
    </message>
    <message>
        <source>The file {name} is attached to this case already.</source>
        <translation>文件 {name} 已在该案件的附件中。</translation>
    </message>
    <message>
        <source>The case holds {used} MB of evidence; with {name} it would be more than the {most} MB that a case may have.</source>
        <translation>案件已有 {used} MB 附件，加上 {name} 将超过每案 {most} MB 的上限。</translation>
    </message>
    <message>
        <source>Only who attached it or a shift leader withdraws evidence.</source>
        <translation>只有上传者本人或值班长可以撤回附件。</translation>
    </message>
    <message>
        <source>Say why the evidence is withdrawn.</source>
        <translation>请说明撤回附件的原因。</translation>
    </message>
    <message>
        <source>The folder for evidence {folder} cannot be written to: {reason}. Nothing was attached.</source>
        <translation>附件文件夹 {folder} 无法写入：{reason}。未添加任何附件。</translation>
    </message>
    <message>
        <source>{name} lies in a folder, but the setting {setting} names none. Ask the administrator.</source>
        <translation>{name} 存放在文件夹中，但设置项 {setting} 未指定文件夹，请联系管理员。</translation>
    </message>
    <message>
        <source>{name} is missing in the folder for evidence ({path}: {reason}). Ask the administrator.</source>
        <translation>附件文件夹中缺少 {name}（{path}：{reason}），请联系管理员。</translation>
    </message>
    <message>
        <source>{name} is not what was attached any more: its bytes were changed. Tell the administrator.</source>
        <translation>{name} 已不是当初上传的内容：其字节被改动，请告知管理员。</translation>
    </message>
    <message>
        <source>There is no case {case_no}.</source>
        <translation>没有编号为 {case_no} 的案件。</translation>
    </message>
    <message>
        <source>A list can be written to .xlsx or .csv, not to {name}.</source>
        <translation>列表只能导出为 .xlsx 或 .csv，不能导出为 {name}。</translation>
    </message>
    <message>
        <source>A sheet of Excel ends at {rows} rows: write this list to .csv.</source>
        <translation>Excel 工作表最多 {rows} 行：请将此列表导出为 .csv。</translation>
    </message>
    <message>
        <source>The standard was changed since the lines were checked. Nothing was imported; check them again.</source>
        <translation>校验之后标准已被修改。未导入任何内容；请重新校验。</translation>
    </message>
    <message>
        <source>The file has the class, but not this condition.</source>
        <translation>文件中有该小类，但没有此立案条件。</translation>
    </message>
    <message>
        <source>The file does not have this class.</source>
        <translation>文件中没有该小类。</translation>
    </message>
    <message>
        <source>“{code}” is no code of a condition: two to ten capital letters and figures, a letter first.</source>
        <translation>“{code}”不是有效的条件代码：应为二至十位大写字母和数字，以字母开头。</translation>
    </message>
    <message>
        <source>The condition was given in {place} already.</source>
        <translation>该条件已在 {place} 行给出。</translation>
    </message>
    <message>
        <source>Neither a column nor the name of the sheet says whether this is a component or an event.</source>
        <translation>列和工作表名称都没有说明这是部件还是事件。</translation>
    </message>
    <message>
        <source>“{code}” is no class code of four digits.</source>
        <translation>“{code}”不是四位小类代码。</translation>
    </message>
    <message>
        <source>The class code is missing.</source>
        <translation>缺少小类代码。</translation>
    </message>
    <message>
        <source>The class {code} is new here and has no name in the file.</source>
        <translation>小类 {code} 是新增的，文件中没有其名称。</translation>
    </message>
    <message>
        <source>The class {code} is new here and the file does not name its major class.</source>
        <translation>小类 {code} 是新增的，文件中没有其大类名称。</translation>
    </message>
    <message>
        <source>The condition is missing.</source>
        <translation>缺少立案条件。</translation>
    </message>
    <message>
        <source>The closing condition is missing.</source>
        <translation>缺少结案条件。</translation>
    </message>
    <message>
        <source>The responsible unit is missing.</source>
        <translation>缺少责任单位。</translation>
    </message>
    <message>
        <source>The competent unit is missing.</source>
        <translation>缺少主管部门。</translation>
    </message>
    <message>
        <source>The limit is missing.</source>
        <translation>缺少处置时限。</translation>
    </message>
    <message>
        <source>“{limit}” has no unit that we know; write 紧急工作时, 紧急工作日, 工作时 or 工作日.</source>
        <translation>“{limit}”没有可识别的单位；请写 紧急工作时、紧急工作日、工作时 或 工作日。</translation>
    </message>
    <message>
        <source>“{limit}” is no whole number of hours or days from 1 to 999.</source>
        <translation>“{limit}”不是 1 至 999 的整数小时或天数。</translation>
    </message>
    <message>
        <source>“{limit}” cannot be read as a limit such as 4工作时 or 2工作日.</source>
        <translation>无法识别时限“{limit}”；应如 4工作时 或 2工作日。</translation>
    </message>
    <message>
        <source>No department is called “{name}”; enter it first.</source>
        <translation>没有名为“{name}”的部门；请先添加。</translation>
    </message>
    <message>
        <source>Of “{names}” the first counts; the others can be chosen at dispatch.</source>
        <translation>“{names}”以第一个为准；其余可在派遣时选择。</translation>
    </message>
    <message>
        <source>The class is new.</source>
        <translation>新增小类。</translation>
    </message>
    <message>
        <source>The class comes into use.</source>
        <translation>小类重新启用。</translation>
    </message>
    <message>
        <source>{path} cannot be written: {fault}. Is it open in another program?</source>
        <translation>无法写入 {path}：{fault}。是否在其他程序中打开？</translation>
    </message>
    <message>
        <source>“{networks}” is no list of networks ({fault}): write them like 10.20.0.0/16,192.168.1.5.</source>
        <translation>“{networks}”不是网段列表（{fault}）：请写成 10.20.0.0/16,192.168.1.5 的形式。</translation>
    </message>
    <message>
        <source>Such a paper can be written to .pdf, not to {name}.</source>
        <translation>这样的文书只能写为 .pdf，不能写为 {name}。</translation>
    </message>
    <message>
        <source>The printer does not begin to print: see whether it is on and connected.</source>
        <translation>打印机无法开始打印，请检查是否已开机并连接。</translation>
    </message>
    <message>
        <source>{path} cannot be written: {fault}. Make room there or choose another folder.</source>
        <translation>无法写入 {path}：{fault}。请腾出空间或换一个文件夹。</translation>
    </message>
    <message>
        <source>The file {path} cannot be read: {reason}.</source>
        <translation>无法读取文件 {path}：{reason}。</translation>
    </message>
    <message>
        <source>Line {line} of {path} is no head of the audit trail: a day, a number and 64 hexadecimal digits are wanted, as “python -m console.database audit-heads” prints them.</source>
        <translation>{path} 第 {line} 行不是审计链头：应为日期、条数和 64 位十六进制数，即“python -m console.database audit-heads”打印的格式。</translation>
    </message>
    <message>
        <source>A map page can be written to .html, not to {name}.</source>
        <translation>地图网页只能存为 .html，不能存为 {name}。</translation>
    </message>
    <message>
        <source>It is not on this computer: save it first, then add the file.</source>
        <translation>它不在本机上：请先保存，再添加文件。</translation>
    </message>
    <message>
        <source>{name} waits here already.</source>
        <translation>{name} 已在待传列表中。</translation>
    </message>
    <message>
        <source>The certificate {path} cannot be used: {fault}. Mend it or its key.</source>
        <translation>证书 {path} 无法使用：{fault}。请修正证书或其密钥。</translation>
    </message>
    <message>
        <source>The broker&apos;s address must be like mqtt://user@host:1883 or mqtts://host.</source>
        <translation>消息服务器地址须形如 mqtt://user@host:1883 或 mqtts://host。</translation>
    </message>
    <message>
        <source>Choose the class first: nobody can be asked without it.</source>
        <translation>请先选择类别：没有类别无法派人。</translation>
    </message>
    <message>
        <source>The file {path} cannot be written: {reason}. Choose another one.</source>
        <translation>无法写入文件 {path}：{reason}。请另选一个文件。</translation>
    </message>
    <message>
        <source>The file {path} tells of no play: let the player write it with --truth.</source>
        <translation>文件 {path} 中没有模拟记录：请让模拟程序用 --truth 写出该文件。</translation>
    </message>
    <message>
        <source>A station of SL 651 has a code of ten digits, an element two hexadecimal digits such as 39.</source>
        <translation>SL 651 测站编码为十位数字，要素标识为两位十六进制数，如 39。</translation>
    </message>
    <message>
        <source>A device has an address, and its value a name of letters, digits, dots and underscores.</source>
        <translation>设备须有地址，数值名称只能由字母、数字、点和下划线组成。</translation>
    </message>
    <message>
        <source>The password of a station is four hexadecimal digits such as 03E8.</source>
        <translation>测站密码为四位十六进制数，如 03E8。</translation>
    </message>
    <message>
        <source>A token needs a name of at most {most} characters.</source>
        <translation>令牌须有名称，不超过 {most} 个字符。</translation>
    </message>
</context>
<context>
    <name>evidence</name>
    <message>
        <source>The camera does not tell when it was taken.</source>
        <translation>照片未记录拍摄时间。</translation>
    </message>
    <message>
        <source>taken {time} after the report</source>
        <translation>上报后 {time} 拍摄</translation>
    </message>
    <message>
        <source>taken {time} before the report</source>
        <translation>拍摄时间比上报早 {time}</translation>
    </message>
    <message>
        <source>The camera does not tell where it was taken.</source>
        <translation>照片未记录拍摄位置。</translation>
    </message>
    <message>
        <source>{distance} from the case</source>
        <translation>距案件 {distance}</translation>
    </message>
    <message>
        <source>attached by {who} {time}</source>
        <translation>{who} 于 {time} 上传</translation>
    </message>
    <message>
        <source>Withdrawn {time} by {who}: {reason}</source>
        <translation>{who} 于 {time} 撤回：{reason}</translation>
    </message>
</context>
<context>
    <name>figures</name>
    <message>
        <source>{days} d {hours} h</source>
        <translation>{days} 天 {hours} 小时</translation>
    </message>
    <message>
        <source>{n} s</source>
        <translation>{n} 秒</translation>
    </message>
    <message>
        <source>{n} min</source>
        <translation>{n} 分钟</translation>
    </message>
    <message>
        <source>{hours} h {minutes} min</source>
        <translation>{hours} 小时 {minutes} 分钟</translation>
    </message>
    <message>
        <source>{n} h</source>
        <translation>{n} 小时</translation>
    </message>
    <message>
        <source>{n} d</source>
        <translation>{n} 天</translation>
    </message>
</context>
<context>
    <name>layers</name>
    <message>
        <source>City</source>
        <translation>城市</translation>
    </message>
    <message>
        <source>Drainage</source>
        <translation>排水</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>实时</translation>
    </message>
    <message>
        <source>Haulage</source>
        <translation>渣土运输</translation>
    </message>
    <message>
        <source>Unit grids</source>
        <translation>单元网格</translation>
    </message>
    <message>
        <source>Approved routes</source>
        <translation>核准路线</translation>
    </message>
    <message>
        <source>Streets</source>
        <translation>道路</translation>
    </message>
    <message>
        <source>Zones</source>
        <translation>片区</translation>
    </message>
    <message>
        <source>Work and dump sites</source>
        <translation>工地与消纳场</translation>
    </message>
    <message>
        <source>Traffic areas</source>
        <translation>限行区</translation>
    </message>
    <message>
        <source>Trunk sewers</source>
        <translation>主干管</translation>
    </message>
    <message>
        <source>Pipes</source>
        <translation>排水管道</translation>
    </message>
    <message>
        <source>Gullies</source>
        <translation>雨水口</translation>
    </message>
    <message>
        <source>Manholes</source>
        <translation>检查井</translation>
    </message>
    <message>
        <source>Outfalls</source>
        <translation>排放口</translation>
    </message>
    <message>
        <source>Pump stations</source>
        <translation>泵站</translation>
    </message>
    <message>
        <source>Components</source>
        <translation>部件</translation>
    </message>
    <message>
        <source>Cases</source>
        <translation>案件</translation>
    </message>
    <message>
        <source>Route of the selected truck</source>
        <translation>所选车辆核准路线</translation>
    </message>
    <message>
        <source>Area that is looked at</source>
        <translation>正在查看的区域</translation>
    </message>
    <message>
        <source>Route that is looked at</source>
        <translation>正在查看的路线</translation>
    </message>
    <message>
        <source>Where the permit is wrong</source>
        <translation>许可问题路段</translation>
    </message>
    <message>
        <source>What is wrong there</source>
        <translation>许可问题说明</translation>
    </message>
    <message>
        <source>Tracks of the period</source>
        <translation>时段轨迹</translation>
    </message>
    <message>
        <source>Tracks by deviation</source>
        <translation>轨迹（按偏距）</translation>
    </message>
    <message>
        <source>Stops of the period</source>
        <translation>时段停车点</translation>
    </message>
    <message>
        <source>Track of the selected truck</source>
        <translation>所选车辆轨迹</translation>
    </message>
    <message>
        <source>Rain gauges</source>
        <translation>雨量计</translation>
    </message>
    <message>
        <source>Flood points</source>
        <translation>易涝点</translation>
    </message>
    <message>
        <source>Alarms</source>
        <translation>报警</translation>
    </message>
    <message>
        <source>Who is near</source>
        <translation>附近力量</translation>
    </message>
    <message>
        <source>Muck trucks</source>
        <translation>渣土车</translation>
    </message>
    <message>
        <source>Alarms of the trial</source>
        <translation>试算的报警</translation>
    </message>
    <message>
        <source>up to {n} km/h</source>
        <translation>{n} km/h 以下</translation>
    </message>
    <message>
        <source>above {n} km/h</source>
        <translation>超过 {n} km/h</translation>
    </message>
    <message>
        <source>up to {n} m to the left</source>
        <translation>左侧 {n} m 以内</translation>
    </message>
    <message>
        <source>up to {n} m to the right</source>
        <translation>右侧 {n} m 以内</translation>
    </message>
    <message>
        <source>more than {n} m to the left</source>
        <translation>左侧超过 {n} m</translation>
    </message>
    <message>
        <source>more than {n} m to the right</source>
        <translation>右侧超过 {n} m</translation>
    </message>
    <message>
        <source>without a permit</source>
        <translation>无核准证</translation>
    </message>
    <message>
        <source>within {n} m of the route</source>
        <translation>距路线 {n} m 以内</translation>
    </message>
    <message>
        <source>Work site</source>
        <translation>出土工地</translation>
    </message>
    <message>
        <source>Dump site</source>
        <translation>消纳场</translation>
    </message>
    <message>
        <source>No entry</source>
        <translation>禁行</translation>
    </message>
    <message>
        <source>Speed limit</source>
        <translation>限速</translation>
    </message>
    <message>
        <source>In time</source>
        <translation>时限内</translation>
    </message>
    <message>
        <source>80 % of the limit used</source>
        <translation>已用时限 80%</translation>
    </message>
    <message>
        <source>Overdue</source>
        <translation>超期</translation>
    </message>
    <message>
        <source>Below attention</source>
        <translation>低于关注水位</translation>
    </message>
    <message>
        <source>Attention</source>
        <translation>关注</translation>
    </message>
    <message>
        <source>Flooding</source>
        <translation>积水</translation>
    </message>
    <message>
        <source>Close the road</source>
        <translation>封路</translation>
    </message>
    <message>
        <source>Sensor not to be believed</source>
        <translation>不可信的传感器</translation>
    </message>
    <message>
        <source>Seen there lately</source>
        <translation>最近在此</translation>
    </message>
    <message>
        <source>Too long ago</source>
        <translation>时间过久</translation>
    </message>
    <message>
        <source>Home area</source>
        <translation>责任区</translation>
    </message>
    <message>
        <source>{urgency}, acknowledged</source>
        <translation>{urgency}，已确认</translation>
    </message>
    <message>
        <source>Set aside</source>
        <translation>已搁置</translation>
    </message>
    <message>
        <source>Raised either way</source>
        <translation>改前改后都报警</translation>
    </message>
    <message>
        <source>Added by the change</source>
        <translation>改动后增加</translation>
    </message>
    <message>
        <source>Gone by the change</source>
        <translation>改动后减少</translation>
    </message>
    <message>
        <source>No rain in the last hour</source>
        <translation>近 1 小时无雨</translation>
    </message>
    <message>
        <source>Rain in the last hour</source>
        <translation>近 1 小时有雨</translation>
    </message>
    <message>
        <source>Silent gauge</source>
        <translation>雨量计静默</translation>
    </message>
    <message>
        <source>Switched off</source>
        <translation>熄火</translation>
    </message>
    <message>
        <source>Empty, standing</source>
        <translation>空车停放</translation>
    </message>
    <message>
        <source>Loaded</source>
        <translation>重载</translation>
    </message>
    <message>
        <source>Empty</source>
        <translation>空车</translation>
    </message>
    <message>
        <source>Silent terminal</source>
        <translation>终端静默</translation>
    </message>
    <message>
        <source>not to be believed</source>
        <translation>不可信</translation>
    </message>
</context>
<context>
    <name>lists</name>
    <message>
        <source>all day</source>
        <translation>全天</translation>
    </message>
    <message>
        <source>Plate</source>
        <translation>车牌</translation>
    </message>
    <message>
        <source>From → to</source>
        <translation>出土 → 消纳</translation>
    </message>
    <message>
        <source>Hours</source>
        <translation>时段</translation>
    </message>
    <message>
        <source>Check</source>
        <translation>核查</translation>
    </message>
    <message>
        <source>Until</source>
        <translation>截止</translation>
    </message>
    <message>
        <source>Company</source>
        <translation>企业</translation>
    </message>
    <message>
        <source>Number</source>
        <translation>编号</translation>
    </message>
    <message>
        <source>revoked</source>
        <translation>已撤销</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Rule</source>
        <translation>规定</translation>
    </message>
    <message>
        <source>Code</source>
        <translation>编码</translation>
    </message>
    <message>
        <source>Capacity m³</source>
        <translation>容量 m³</translation>
    </message>
</context>
<context>
    <name>map_page</name>
    <message>
        <source>Area</source>
        <translation>区域</translation>
    </message>
    <message>
        <source>Cases</source>
        <translation>案件</translation>
    </message>
    <message>
        <source>Closed, of due</source>
        <translation>结案 / 应结案</translation>
    </message>
    <message>
        <source>Closure rate</source>
        <translation>结案率</translation>
    </message>
    <message>
        <source>Disposed too late, of due</source>
        <translation>超期 / 应处置</translation>
    </message>
    <message>
        <source>Overdue share</source>
        <translation>超期率</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>面积</translation>
    </message>
    <message>
        <source>Nothing was due</source>
        <translation>无应结（应处置）案件</translation>
    </message>
    <message>
        <source>Cases in a square of {metres} m</source>
        <translation>每 {metres} m 见方的案件数</translation>
    </message>
    <message>
        <source>few</source>
        <translation>少</translation>
    </message>
    <message>
        <source>{n} or more</source>
        <translation>{n} 件及以上</translation>
    </message>
    <message>
        <source>{words} · cases: {n}</source>
        <translation>{words} · 共 {n} 件</translation>
    </message>
    <message>
        <source>Source: cases of the Yuncheng smart urban management centre · {time} · {who}</source>
        <translation>来源：运城市智慧城管监督指挥中心案件 · {time} · {who}</translation>
    </message>
    <message>
        <source>Where cases are</source>
        <translation>案件分布</translation>
    </message>
    <message>
        <source>Cases · {areas}</source>
        <translation>案件数 · {areas}</translation>
    </message>
    <message>
        <source>Closure rate · {areas}</source>
        <translation>结案率 · {areas}</translation>
    </message>
    <message>
        <source>Overdue share · {areas}</source>
        <translation>超期率 · {areas}</translation>
    </message>
    <message>
        <source>Cases reported</source>
        <translation>上报案件数</translation>
    </message>
    <message>
        <source>Closed, of those due to be closed</source>
        <translation>结案数 / 应结案数</translation>
    </message>
    <message>
        <source>Disposed too late or overdue, of those due</source>
        <translation>超期（已处置与未处置） / 应处置</translation>
    </message>
</context>
<context>
    <name>mapping</name>
    <message>
        <source>Map</source>
        <translation>地图</translation>
    </message>
    <message>
        <source>Whole city</source>
        <translation>全市</translation>
    </message>
    <message>
        <source>View before</source>
        <translation>上一视图</translation>
    </message>
    <message>
        <source>View after</source>
        <translation>下一视图</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>放大</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>缩小</translation>
    </message>
    <message>
        <source>Zoom to what is selected</source>
        <translation>缩放到所选</translation>
    </message>
    <message>
        <source>Print the map to PDF or PNG</source>
        <translation>打印地图为 PDF 或 PNG</translation>
    </message>
    <message>
        <source>Move the map</source>
        <translation>移动地图</translation>
    </message>
    <message>
        <source>Select in a rectangle</source>
        <translation>框选</translation>
    </message>
    <message>
        <source>Measure a length</source>
        <translation>量距</translation>
    </message>
    <message>
        <source>Measure an area</source>
        <translation>量面积</translation>
    </message>
    <message>
        <source>Drawing: one step back</source>
        <translation>绘制：撤销一步</translation>
    </message>
    <message>
        <source>Drawing: the step again</source>
        <translation>绘制：重做一步</translation>
    </message>
    <message>
        <source>Drawing: done</source>
        <translation>绘制：完成</translation>
    </message>
    <message>
        <source>Drawing: give it up</source>
        <translation>绘制：放弃</translation>
    </message>
    <message>
        <source>map</source>
        <translation>地图</translation>
    </message>
    <message>
        <source>Map of Yuncheng</source>
        <translation>运城市地图</translation>
    </message>
    <message>
        <source>Map of Yuncheng as it was</source>
        <translation>运城历史地图</translation>
    </message>
    <message>
        <source>The map was printed to {path}.</source>
        <translation>地图已输出到 {path}。</translation>
    </message>
</context>
<context>
    <name>presence</name>
    <message>
        <source>, </source>
        <translation>、</translation>
    </message>
</context>
<context>
    <name>queue_listing</name>
    <message>
        <source>yes</source>
        <translation>是</translation>
    </message>
    <message>
        <source>Number</source>
        <translation>案卷号</translation>
    </message>
    <message>
        <source>Stage</source>
        <translation>阶段</translation>
    </message>
    <message>
        <source>Class</source>
        <translation>小类</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>等级</translation>
    </message>
    <message>
        <source>Mode</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>Zone</source>
        <translation>片区</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>地址</translation>
    </message>
    <message>
        <source>Street</source>
        <translation>道路</translation>
    </message>
    <message>
        <source>Unit grid</source>
        <translation>单元网格</translation>
    </message>
    <message>
        <source>Component</source>
        <translation>部件</translation>
    </message>
    <message>
        <source>Description</source>
        <translation>描述</translation>
    </message>
    <message>
        <source>Responsible</source>
        <translation>责任单位</translation>
    </message>
    <message>
        <source>Reported</source>
        <translation>上报时间</translation>
    </message>
    <message>
        <source>Accepted</source>
        <translation>受理时间</translation>
    </message>
    <message>
        <source>Filed</source>
        <translation>立案时间</translation>
    </message>
    <message>
        <source>Dispatched</source>
        <translation>派遣时间</translation>
    </message>
    <message>
        <source>Disposed</source>
        <translation>处置时间</translation>
    </message>
    <message>
        <source>Closed</source>
        <translation>结案时间</translation>
    </message>
    <message>
        <source>Deadline</source>
        <translation>截止时间</translation>
    </message>
    <message>
        <source>Due for this step</source>
        <translation>本环节截止时间</translation>
    </message>
    <message>
        <source>Overdue</source>
        <translation>超期</translation>
    </message>
    <message>
        <source>Supervised</source>
        <translation>督办</translation>
    </message>
    <message>
        <source>Extensions</source>
        <translation>延期次数</translation>
    </message>
    <message>
        <source>Reworks</source>
        <translation>返工次数</translation>
    </message>
    <message>
        <source>East, m (EPSG:4546)</source>
        <translation>东坐标（m，EPSG:4546）</translation>
    </message>
    <message>
        <source>North, m (EPSG:4546)</source>
        <translation>北坐标（m，EPSG:4546）</translation>
    </message>
</context>
<context>
    <name>seeding</name>
    <message>
        <source>Zones, unit grids, streets and people</source>
        <translation>片区、单元网格、道路与人员</translation>
    </message>
    <message>
        <source>Muck trucks, trips and positions</source>
        <translation>渣土车、趟次与定位</translation>
    </message>
    <message>
        <source>Drainage network and components</source>
        <translation>排水管网与部件</translation>
    </message>
    <message>
        <source>Rain, water levels and alarms</source>
        <translation>雨量、水位与报警</translation>
    </message>
    <message>
        <source>Case files and their histories</source>
        <translation>案卷及办理经过</translation>
    </message>
</context>
<context>
    <name>shapes</name>
    <message>
        <source>{size} · {n} corners</source>
        <translation>{size} · {n} 个顶点</translation>
    </message>
</context>
<context>
    <name>sheets</name>
    <message>
        <source>{time} left</source>
        <translation>剩 {time}</translation>
    </message>
    <message>
        <source>Stage</source>
        <translation>阶段</translation>
    </message>
    <message>
        <source>Time left</source>
        <translation>剩余时间</translation>
    </message>
    <message>
        <source>Asked for</source>
        <translation>申请</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>Unit grid</source>
        <translation>单元网格</translation>
    </message>
    <message>
        <source>Community</source>
        <translation>社区</translation>
    </message>
    <message>
        <source>Component</source>
        <translation>部件</translation>
    </message>
    <message>
        <source>Description</source>
        <translation>描述</translation>
    </message>
    <message>
        <source>Condition</source>
        <translation>立案条件</translation>
    </message>
    <message>
        <source>Limit</source>
        <translation>处置时限</translation>
    </message>
    <message>
        <source>Deadline</source>
        <translation>截止时间</translation>
    </message>
    <message>
        <source>Responsible</source>
        <translation>责任单位</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>大类与级别</translation>
    </message>
    <message>
        <source>Overdue</source>
        <translation>超期</translation>
    </message>
    <message>
        <source>Supervised</source>
        <translation>督办</translation>
    </message>
    <message>
        <source>{what} until {day}</source>
        <translation>{what}至 {day}</translation>
    </message>
    <message>
        <source>{what} · waits for the head of the unit</source>
        <translation>{what} · 待本单位负责人审签</translation>
    </message>
    <message>
        <source>{what} · waits for: {who}</source>
        <translation>{what} · 待{who}审批</translation>
    </message>
    <message>
        <source>Capacity</source>
        <translation>容量</translation>
    </message>
    <message>
        <source>Trucks with a permit</source>
        <translation>核准车辆</translation>
    </message>
    <message>
        <source>Trips loaded</source>
        <translation>装车趟次</translation>
    </message>
    <message>
        <source>Trips tipped</source>
        <translation>倾倒趟次</translation>
    </message>
    <message>
        <source>Volume</source>
        <translation>方量</translation>
    </message>
    <message>
        <source>Rain in the last hour</source>
        <translation>近 1 小时雨量</translation>
    </message>
    <message>
        <source>Rain in 24 hours</source>
        <translation>近 24 小时雨量</translation>
    </message>
    <message>
        <source>Suspended until</source>
        <translation>挂账至</translation>
    </message>
    <message>
        <source>Mode</source>
        <translation>类型</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>数据来源</translation>
    </message>
    <message>
        <source>Alarm</source>
        <translation>报警</translation>
    </message>
    <message>
        <source>Reporter</source>
        <translation>上报人</translation>
    </message>
    <message>
        <source>Caller</source>
        <translation>来电人</translation>
    </message>
    <message>
        <source>Extensions</source>
        <translation>延期次数</translation>
    </message>
    <message>
        <source>Reworks</source>
        <translation>返工次数</translation>
    </message>
    <message>
        <source>Merged into</source>
        <translation>并入案件</translation>
    </message>
    <message>
        <source>Closing condition</source>
        <translation>结案条件</translation>
    </message>
    <message>
        <source>Case without a class</source>
        <translation>未分类案件</translation>
    </message>
    <message>
        <source>File</source>
        <translation>案卷信息</translation>
    </message>
    <message>
        <source>{system} pipe {size}</source>
        <translation>{system}管道 {size}</translation>
    </message>
    <message>
        <source>Street</source>
        <translation>道路</translation>
    </message>
    <message>
        <source>Zone</source>
        <translation>片区</translation>
    </message>
    <message>
        <source>Shape</source>
        <translation>断面</translation>
    </message>
    <message>
        <source>Material</source>
        <translation>材质</translation>
    </message>
    <message>
        <source>Length</source>
        <translation>长度</translation>
    </message>
    <message>
        <source>Slope</source>
        <translation>坡度</translation>
    </message>
    <message>
        <source>Roughness</source>
        <translation>糙率</translation>
    </message>
    <message>
        <source>Built</source>
        <translation>建设年份</translation>
    </message>
    <message>
        <source>Owner</source>
        <translation>权属单位</translation>
    </message>
    <message>
        <source>Ends</source>
        <translation>起止</translation>
    </message>
    <message>
        <source>From</source>
        <translation>起点</translation>
    </message>
    <message>
        <source>Invert there</source>
        <translation>管底高程</translation>
    </message>
    <message>
        <source>Ground there</source>
        <translation>地面高程</translation>
    </message>
    <message>
        <source>To</source>
        <translation>终点</translation>
    </message>
    <message>
        <source>{system} manhole</source>
        <translation>{system}检查井</translation>
    </message>
    <message>
        <source>Ground</source>
        <translation>地面高程</translation>
    </message>
    <message>
        <source>Invert</source>
        <translation>井底高程</translation>
    </message>
    <message>
        <source>Depth</source>
        <translation>井深</translation>
    </message>
    <message>
        <source>Cover</source>
        <translation>井盖</translation>
    </message>
    <message>
        <source>Open cases</source>
        <translation>在办</translation>
    </message>
    <message>
        <source>Meets here</source>
        <translation>连接</translation>
    </message>
    <message>
        <source>From upstream</source>
        <translation>上游来管</translation>
    </message>
    <message>
        <source>Downstream</source>
        <translation>下游去管</translation>
    </message>
    <message>
        <source>Gullies</source>
        <translation>雨水口</translation>
    </message>
    <message>
        <source>Outfall</source>
        <translation>排放口</translation>
    </message>
    <message>
        <source>Pump station</source>
        <translation>泵站</translation>
    </message>
    <message>
        <source>silent for {age}</source>
        <translation>静默 {age}</translation>
    </message>
    <message>
        <source>Closed</source>
        <translation>已关闭</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>未关闭</translation>
    </message>
    <message>
        <source>Company</source>
        <translation>企业</translation>
    </message>
    <message>
        <source>Heard</source>
        <translation>最近信号</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>速度</translation>
    </message>
    <message>
        <source>Load</source>
        <translation>载重</translation>
    </message>
    <message>
        <source>Lid</source>
        <translation>密闭</translation>
    </message>
    <message>
        <source>Off its route</source>
        <translation>偏离路线</translation>
    </message>
    <message>
        <source>Box</source>
        <translation>厢容</translation>
    </message>
    <message>
        <source>Terminal</source>
        <translation>终端号</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>今日</translation>
    </message>
    <message>
        <source>No permit is valid today</source>
        <translation>今日无有效核准证</translation>
    </message>
    <message>
        <source>Permit</source>
        <translation>核准证</translation>
    </message>
    <message>
        <source>Number</source>
        <translation>证号</translation>
    </message>
    <message>
        <source>Hours</source>
        <translation>核准时段</translation>
    </message>
    <message>
        <source>Valid</source>
        <translation>有效期</translation>
    </message>
    <message>
        <source>under way</source>
        <translation>途中</translation>
    </message>
    <message>
        <source>Trips today: {n}</source>
        <translation>今日趟次：{n}</translation>
    </message>
    <message>
        <source>Muck truck</source>
        <translation>渣土车</translation>
    </message>
    <message>
        <source>Stuck</source>
        <translation>卡滞</translation>
    </message>
    <message>
        <source>Water</source>
        <translation>水深</translation>
    </message>
    <message>
        <source>Change</source>
        <translation>变化</translation>
    </message>
    <message>
        <source>Measured</source>
        <translation>测于</translation>
    </message>
    <message>
        <source>Reading</source>
        <translation>读数</translation>
    </message>
    <message>
        <source>Sensor</source>
        <translation>传感器</translation>
    </message>
    <message>
        <source>Cause</source>
        <translation>成因</translation>
    </message>
    <message>
        <source>Catchment</source>
        <translation>汇水面积</translation>
    </message>
    <message>
        <source>Height bar</source>
        <translation>限高</translation>
    </message>
    <message>
        <source>Thresholds</source>
        <translation>阈值</translation>
    </message>
    <message>
        <source>Attention</source>
        <translation>关注</translation>
    </message>
    <message>
        <source>Flooding</source>
        <translation>积水</translation>
    </message>
    <message>
        <source>Close the road</source>
        <translation>封路</translation>
    </message>
    <message>
        <source>Severe</source>
        <translation>严重</translation>
    </message>
    <message>
        <source>Plan</source>
        <translation>一点一策</translation>
    </message>
    <message>
        <source>What to do</source>
        <translation>处置措施</translation>
    </message>
    <message>
        <source>Class</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>Competent</source>
        <translation>主管部门</translation>
    </message>
    <message>
        <source>Maintainer</source>
        <translation>养护单位</translation>
    </message>
    <message>
        <source>Accuracy</source>
        <translation>定位精度</translation>
    </message>
    <message>
        <source>Manhole</source>
        <translation>检查井</translation>
    </message>
    <message>
        <source>Subdistrict</source>
        <translation>街道</translation>
    </message>
    <message>
        <source>Area</source>
        <translation>面积</translation>
    </message>
    <message>
        <source>Components</source>
        <translation>部件</translation>
    </message>
    <message>
        <source>Cases in all</source>
        <translation>累计案件</translation>
    </message>
    <message>
        <source>Width</source>
        <translation>宽度</translation>
    </message>
    <message>
        <source>Pipes</source>
        <translation>排水管道</translation>
    </message>
    <message>
        <source>Unit grids</source>
        <translation>单元网格</translation>
    </message>
    <message>
        <source>Patrol team</source>
        <translation>采集队</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Recorded</source>
        <translation>登记日期</translation>
    </message>
    <message>
        <source>Record</source>
        <translation>档案</translation>
    </message>
</context>
<context>
    <name>timeline</name>
    <message>
        <source>{time} in “{stage}”</source>
        <translation>“{stage}”阶段用时 {time}</translation>
    </message>
    <message>
        <source>used {used} of {limit}</source>
        <translation>处置用时 {used} / {limit}</translation>
    </message>
    <message>
        <source>by the system</source>
        <translation>系统自动</translation>
    </message>
</context>
<context>
    <name>verdicts</name>
    <message>
        <source>There is no route yet: propose or draw one</source>
        <translation>尚无路线：请生成建议路线或自行绘制</translation>
    </message>
    <message>
        <source>The route is one piece without gaps</source>
        <translation>路线首尾连贯，无断点</translation>
    </message>
    <message>
        <source>{n} gaps in the route, {metres} in all</source>
        <translation>路线有 {n} 处断点，共 {metres}</translation>
    </message>
    <message>
        <source>No work site is chosen</source>
        <translation>未选择出土工地</translation>
    </message>
    <message>
        <source>Begins at the work site</source>
        <translation>起点位于出土工地</translation>
    </message>
    <message>
        <source>Begins {metres} from the work site</source>
        <translation>起点距出土工地 {metres}</translation>
    </message>
    <message>
        <source>Leads from the dump to the work site: turn it round</source>
        <translation>方向相反，由消纳场通往工地：请反转路线</translation>
    </message>
    <message>
        <source>No dump site is chosen</source>
        <translation>未选择消纳场</translation>
    </message>
    <message>
        <source>Ends at the dump site</source>
        <translation>终点位于消纳场</translation>
    </message>
    <message>
        <source>Ends {metres} from the dump site</source>
        <translation>终点距消纳场 {metres}</translation>
    </message>
    <message>
        <source>Follows the streets; access to the sites {access}</source>
        <translation>沿道路行驶；进出场地便道 {access}</translation>
    </message>
    <message>
        <source>{metres} off the streets</source>
        <translation>偏离道路 {metres}</translation>
    </message>
    <message>
        <source>Passes no traffic area in its hours</source>
        <translation>许可时段内不经过限行区</translation>
    </message>
    <message>
        <source>No entry: {metres} through “{name}”</source>
        <translation>禁行：穿越“{name}” {metres}</translation>
    </message>
    <message>
        <source>At most {speed} km/h: {metres} through “{name}”</source>
        <translation>限速 {speed} km/h：经过“{name}” {metres}</translation>
    </message>
    <message>
        <source>The hours are not complete</source>
        <translation>时段不完整</translation>
    </message>
    <message>
        <source>Only {minutes} minutes a day: nobody can haul in that</source>
        <translation>每日仅 {minutes} 分钟，无法运输</translation>
    </message>
    <message>
        <source>{hours} hours a day: is that meant?</source>
        <translation>每日长达 {hours} 小时，是否有误？</translation>
    </message>
    <message>
        <source>The hours are plausible</source>
        <translation>时段合理</translation>
    </message>
    <message>
        <source>Revoked: it allows nothing any more</source>
        <translation>已撤销，不再有效</translation>
    </message>
    <message>
        <source>The days are not complete</source>
        <translation>起止日期不完整</translation>
    </message>
    <message>
        <source>Expired {days} days ago</source>
        <translation>已过期 {days} 天</translation>
    </message>
    <message>
        <source>In force only in {days} days</source>
        <translation>{days} 天后生效</translation>
    </message>
    <message>
        <source>In force for {days} more days only</source>
        <translation>仅剩 {days} 天有效期</translation>
    </message>
    <message>
        <source>In force for {days} more days</source>
        <translation>有效期还剩 {days} 天</translation>
    </message>
    <message>
        <source>No other permit of the truck for the same time</source>
        <translation>该车同一时段无其他许可</translation>
    </message>
    <message>
        <source>Another permit of the truck for the same time: {numbers}</source>
        <translation>该车同一时段另有许可：{numbers}</translation>
    </message>
    <message>
        <source>The truck has left the fleet</source>
        <translation>车辆已退出车队</translation>
    </message>
</context>
<context>
    <name>words</name>
    <message>
        <source>Reported</source>
        <translation>上报</translation>
    </message>
    <message>
        <source>To verify</source>
        <translation>待核实</translation>
    </message>
    <message>
        <source>To file</source>
        <translation>待立案</translation>
    </message>
    <message>
        <source>To dispatch</source>
        <translation>待派遣</translation>
    </message>
    <message>
        <source>To take on</source>
        <translation>待处置</translation>
    </message>
    <message>
        <source>In disposal</source>
        <translation>处置中</translation>
    </message>
    <message>
        <source>Suspended</source>
        <translation>挂账</translation>
    </message>
    <message>
        <source>Disposed</source>
        <translation>处置完成</translation>
    </message>
    <message>
        <source>To check</source>
        <translation>待核查</translation>
    </message>
    <message>
        <source>Checking</source>
        <translation>核查中</translation>
    </message>
    <message>
        <source>Check failed</source>
        <translation>核查不通过</translation>
    </message>
    <message>
        <source>To close</source>
        <translation>待结案</translation>
    </message>
    <message>
        <source>Returned</source>
        <translation>已回退</translation>
    </message>
    <message>
        <source>Closed</source>
        <translation>结案</translation>
    </message>
    <message>
        <source>Closed by force</source>
        <translation>强制结案</translation>
    </message>
    <message>
        <source>Not accepted</source>
        <translation>不受理</translation>
    </message>
    <message>
        <source>Assessed</source>
        <translation>已考核</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>上报</translation>
    </message>
    <message>
        <source>Amend</source>
        <translation>修改登记</translation>
    </message>
    <message>
        <source>Order verification</source>
        <translation>派发核实</translation>
    </message>
    <message>
        <source>Verify</source>
        <translation>核实</translation>
    </message>
    <message>
        <source>Accept</source>
        <translation>受理</translation>
    </message>
    <message>
        <source>Refuse</source>
        <translation>不予受理</translation>
    </message>
    <message>
        <source>Merge</source>
        <translation>合并</translation>
    </message>
    <message>
        <source>File</source>
        <translation>立案</translation>
    </message>
    <message>
        <source>Voided</source>
        <translation>作废</translation>
    </message>
    <message>
        <source>Void the case</source>
        <translation>作废</translation>
    </message>
    <message>
        <source>Dispatch</source>
        <translation>派遣</translation>
    </message>
    <message>
        <source>Return</source>
        <translation>回退</translation>
    </message>
    <message>
        <source>Take on</source>
        <translation>接收</translation>
    </message>
    <message>
        <source>Assign</source>
        <translation>交办</translation>
    </message>
    <message>
        <source>Take back the assignment</source>
        <translation>收回交办</translation>
    </message>
    <message>
        <source>Ask for an extension</source>
        <translation>申请延期</translation>
    </message>
    <message>
        <source>Ask for suspension</source>
        <translation>申请挂账</translation>
    </message>
    <message>
        <source>Endorse</source>
        <translation>同意上报</translation>
    </message>
    <message>
        <source>Extend the limit</source>
        <translation>同意延期</translation>
    </message>
    <message>
        <source>Refuse the request</source>
        <translation>不同意申请</translation>
    </message>
    <message>
        <source>Refuse the extension</source>
        <translation>不同意延期</translation>
    </message>
    <message>
        <source>Suspend</source>
        <translation>挂账</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>恢复办理</translation>
    </message>
    <message>
        <source>Mark as overdue</source>
        <translation>标记超期</translation>
    </message>
    <message>
        <source>Finish disposal</source>
        <translation>处置完毕</translation>
    </message>
    <message>
        <source>Feed back</source>
        <translation>反馈</translation>
    </message>
    <message>
        <source>Order the check</source>
        <translation>派发核查</translation>
    </message>
    <message>
        <source>Check</source>
        <translation>核查</translation>
    </message>
    <message>
        <source>Send to rework</source>
        <translation>返工</translation>
    </message>
    <message>
        <source>Close the case</source>
        <translation>结案</translation>
    </message>
    <message>
        <source>Close by force</source>
        <translation>强制结案</translation>
    </message>
    <message>
        <source>Reopen</source>
        <translation>重新打开</translation>
    </message>
    <message>
        <source>Urge</source>
        <translation>催办</translation>
    </message>
    <message>
        <source>Supervise</source>
        <translation>督办</translation>
    </message>
    <message>
        <source>Reply</source>
        <translation>回复督办</translation>
    </message>
    <message>
        <source>Appeal</source>
        <translation>申诉</translation>
    </message>
    <message>
        <source>Review the appeal</source>
        <translation>申诉初审</translation>
    </message>
    <message>
        <source>Decide the appeal</source>
        <translation>申诉终审</translation>
    </message>
    <message>
        <source>Assess</source>
        <translation>直接考核</translation>
    </message>
    <message>
        <source>Person</source>
        <translation>人员</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>Last day</source>
        <translation>截止日</translation>
    </message>
    <message>
        <source>Other case</source>
        <translation>另一案件</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>地址</translation>
    </message>
    <message>
        <source>Description</source>
        <translation>描述</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>级别</translation>
    </message>
    <message>
        <source>Kind of supervision</source>
        <translation>督办类型</translation>
    </message>
    <message>
        <source>Item of flood duty</source>
        <translation>防汛值守事项</translation>
    </message>
    <message>
        <source>Phrase for drivers</source>
        <translation>司机常用语</translation>
    </message>
    <message>
        <source>Verification ordered</source>
        <translation>派发核实</translation>
    </message>
    <message>
        <source>Verified on site</source>
        <translation>现场核实</translation>
    </message>
    <message>
        <source>Accepted</source>
        <translation>受理</translation>
    </message>
    <message>
        <source>Refused</source>
        <translation>不予受理</translation>
    </message>
    <message>
        <source>Filed</source>
        <translation>立案</translation>
    </message>
    <message>
        <source>Dispatched</source>
        <translation>派遣</translation>
    </message>
    <message>
        <source>Taken on by the department</source>
        <translation>部门接收</translation>
    </message>
    <message>
        <source>Assigned</source>
        <translation>分派到人</translation>
    </message>
    <message>
        <source>Disposal finished</source>
        <translation>处置完成</translation>
    </message>
    <message>
        <source>Fed back</source>
        <translation>反馈</translation>
    </message>
    <message>
        <source>Check ordered</source>
        <translation>派发核查</translation>
    </message>
    <message>
        <source>Checked on site</source>
        <translation>现场核查</translation>
    </message>
    <message>
        <source>Sent to rework</source>
        <translation>返工</translation>
    </message>
    <message>
        <source>Extension asked for</source>
        <translation>申请延期</translation>
    </message>
    <message>
        <source>Extended</source>
        <translation>延期</translation>
    </message>
    <message>
        <source>Extension refused</source>
        <translation>延期未准</translation>
    </message>
    <message>
        <source>Resumed</source>
        <translation>恢复办理</translation>
    </message>
    <message>
        <source>Urged</source>
        <translation>催办</translation>
    </message>
    <message>
        <source>Put under supervision</source>
        <translation>督办</translation>
    </message>
    <message>
        <source>Reopened</source>
        <translation>重新受理</translation>
    </message>
    <message>
        <source>Merged</source>
        <translation>合并</translation>
    </message>
    <message>
        <source>Appealed</source>
        <translation>申诉</translation>
    </message>
    <message>
        <source>Appeal decided</source>
        <translation>申诉裁定</translation>
    </message>
    <message>
        <source>Closed loop</source>
        <translation>闭环流程</translation>
    </message>
    <message>
        <source>Handled on the spot</source>
        <translation>自行处置</translation>
    </message>
    <message>
        <source>Direct assessment</source>
        <translation>直接考核</translation>
    </message>
    <message>
        <source>Campaign</source>
        <translation>专项采集</translation>
    </message>
    <message>
        <source>Simple</source>
        <translation>简易流程</translation>
    </message>
    <message>
        <source>Inspector</source>
        <translation>采集员</translation>
    </message>
    <message>
        <source>Video patrol</source>
        <translation>视频巡查</translation>
    </message>
    <message>
        <source>Video recognition</source>
        <translation>视频智能识别</translation>
    </message>
    <message>
        <source>Hotline 12345</source>
        <translation>12345 热线</translation>
    </message>
    <message>
        <source>Citizen</source>
        <translation>公众举报</translation>
    </message>
    <message>
        <source>Leader&apos;s instruction</source>
        <translation>领导交办</translation>
    </message>
    <message>
        <source>Other department</source>
        <translation>部门转办</translation>
    </message>
    <message>
        <source>Media</source>
        <translation>媒体曝光</translation>
    </message>
    <message>
        <source>Sensor alarm</source>
        <translation>物联网告警</translation>
    </message>
    <message>
        <source>Component</source>
        <translation>部件</translation>
    </message>
    <message>
        <source>Event</source>
        <translation>事件</translation>
    </message>
    <message>
        <source>Service</source>
        <translation>服务事项</translation>
    </message>
    <message>
        <source>Daily</source>
        <translation>日常</translation>
    </message>
    <message>
        <source>Normal</source>
        <translation>一般</translation>
    </message>
    <message>
        <source>Serious</source>
        <translation>严重</translation>
    </message>
    <message>
        <source>Major</source>
        <translation>重大</translation>
    </message>
    <message>
        <source>urgent hours</source>
        <translation>紧急工作时</translation>
    </message>
    <message>
        <source>urgent days</source>
        <translation>紧急工作日</translation>
    </message>
    <message>
        <source>working hours</source>
        <translation>工作时</translation>
    </message>
    <message>
        <source>working days</source>
        <translation>工作日</translation>
    </message>
    <message>
        <source>Acceptor</source>
        <translation>受理员</translation>
    </message>
    <message>
        <source>Dispatcher</source>
        <translation>派遣员</translation>
    </message>
    <message>
        <source>Shift leader</source>
        <translation>值班长</translation>
    </message>
    <message>
        <source>Department</source>
        <translation>专业部门</translation>
    </message>
    <message>
        <source>Drainage engineer</source>
        <translation>排水工程师</translation>
    </message>
    <message>
        <source>Supervisor</source>
        <translation>监督考核</translation>
    </message>
    <message>
        <source>Gateway</source>
        <translation>数据网关</translation>
    </message>
    <message>
        <source>Administrator</source>
        <translation>系统管理员</translation>
    </message>
    <message>
        <source>Amended</source>
        <translation>修改登记</translation>
    </message>
    <message>
        <source>Assignment taken back</source>
        <translation>收回交办</translation>
    </message>
    <message>
        <source>Suspension asked for</source>
        <translation>申请挂账</translation>
    </message>
    <message>
        <source>Endorsed by the head</source>
        <translation>负责人同意</translation>
    </message>
    <message>
        <source>Request refused</source>
        <translation>申请未准</translation>
    </message>
    <message>
        <source>Became overdue</source>
        <translation>超期</translation>
    </message>
    <message>
        <source>Replied to supervision</source>
        <translation>回复督办</translation>
    </message>
    <message>
        <source>Appeal reviewed</source>
        <translation>申诉初审</translation>
    </message>
    <message>
        <source>Extension</source>
        <translation>延期</translation>
    </message>
    <message>
        <source>Suspension</source>
        <translation>挂账</translation>
    </message>
    <message>
        <source>1 urgent hour</source>
        <translation>1 紧急工作时</translation>
    </message>
    <message>
        <source>{n} urgent hours</source>
        <translation>{n} 紧急工作时</translation>
    </message>
    <message>
        <source>1 urgent day</source>
        <translation>1 紧急工作日</translation>
    </message>
    <message>
        <source>{n} urgent days</source>
        <translation>{n} 紧急工作日</translation>
    </message>
    <message>
        <source>1 working hour</source>
        <translation>1 工作时</translation>
    </message>
    <message>
        <source>{n} working hours</source>
        <translation>{n} 工作时</translation>
    </message>
    <message>
        <source>1 working day</source>
        <translation>1 工作日</translation>
    </message>
    <message>
        <source>{n} working days</source>
        <translation>{n} 工作日</translation>
    </message>
    <message>
        <source>Intact</source>
        <translation>完好</translation>
    </message>
    <message>
        <source>Damaged</source>
        <translation>破损</translation>
    </message>
    <message>
        <source>Lost</source>
        <translation>丢失</translation>
    </message>
    <message>
        <source>Abandoned</source>
        <translation>废弃</translation>
    </message>
    <message>
        <source>Removed</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Design drawing</source>
        <translation>设计图</translation>
    </message>
    <message>
        <source>As-built drawing</source>
        <translation>竣工图</translation>
    </message>
    <message>
        <source>Survey</source>
        <translation>实测</translation>
    </message>
    <message>
        <source>Estimate</source>
        <translation>估算</translation>
    </message>
    <message>
        <source>Topographic map</source>
        <translation>地形图</translation>
    </message>
    <message>
        <source>Other</source>
        <translation>其他</translation>
    </message>
    <message>
        <source>Storm</source>
        <translation>雨水</translation>
    </message>
    <message>
        <source>Sanitary</source>
        <translation>污水</translation>
    </message>
    <message>
        <source>Combined</source>
        <translation>合流</translation>
    </message>
    <message>
        <source>Circle</source>
        <translation>圆形</translation>
    </message>
    <message>
        <source>Trapezoid</source>
        <translation>梯形</translation>
    </message>
    <message>
        <source>Triangle</source>
        <translation>三角形</translation>
    </message>
    <message>
        <source>Ellipse</source>
        <translation>椭圆形</translation>
    </message>
    <message>
        <source>Rectangle</source>
        <translation>矩形</translation>
    </message>
    <message>
        <source>Irregular</source>
        <translation>不规则</translation>
    </message>
    <message>
        <source>Arterial street</source>
        <translation>主干路</translation>
    </message>
    <message>
        <source>Secondary street</source>
        <translation>次干路</translation>
    </message>
    <message>
        <source>Branch street</source>
        <translation>支路</translation>
    </message>
    <message>
        <source>Lane</source>
        <translation>巷道</translation>
    </message>
    <message>
        <source>Reinforced concrete</source>
        <translation>钢筋混凝土</translation>
    </message>
    <message>
        <source>Concrete</source>
        <translation>混凝土</translation>
    </message>
    <message>
        <source>Ductile iron</source>
        <translation>球墨铸铁</translation>
    </message>
    <message>
        <source>HDPE</source>
        <translation>HDPE</translation>
    </message>
    <message>
        <source>PVC-U</source>
        <translation>PVC-U</translation>
    </message>
    <message>
        <source>Glass-fibre plastic</source>
        <translation>玻璃钢</translation>
    </message>
    <message>
        <source>Brick</source>
        <translation>砖砌</translation>
    </message>
    <message>
        <source>Composite</source>
        <translation>复合材料</translation>
    </message>
    <message>
        <source>Empty</source>
        <translation>空车</translation>
    </message>
    <message>
        <source>Half loaded</source>
        <translation>半载</translation>
    </message>
    <message>
        <source>Loaded</source>
        <translation>重载</translation>
    </message>
    <message>
        <source>Water on the road</source>
        <translation>道路积水</translation>
    </message>
    <message>
        <source>Terminal silent</source>
        <translation>终端失联</translation>
    </message>
    <message>
        <source>Sensor silent</source>
        <translation>传感器失联</translation>
    </message>
    <message>
        <source>Off its route</source>
        <translation>偏离路线</translation>
    </message>
    <message>
        <source>Driving outside its hours</source>
        <translation>超时段行驶</translation>
    </message>
    <message>
        <source>Too fast</source>
        <translation>超速</translation>
    </message>
    <message>
        <source>Load not covered</source>
        <translation>未密闭运输</translation>
    </message>
    <message>
        <source>Tipping where it may not</source>
        <translation>违规卸土</translation>
    </message>
    <message>
        <source>Loading where it may not</source>
        <translation>违规装土</translation>
    </message>
    <message>
        <source>No permit</source>
        <translation>无准运证</translation>
    </message>
    <message>
        <source>In a forbidden area</source>
        <translation>进入禁行区</translation>
    </message>
    <message>
        <source>Parked too long</source>
        <translation>停车超时</translation>
    </message>
    <message>
        <source>Against its route</source>
        <translation>逆核准路线行驶</translation>
    </message>
    <message>
        <source>Position jumps</source>
        <translation>定位跳变</translation>
    </message>
    <message>
        <source>Gateway link: terminals silent together</source>
        <translation>网关链路：同时离线终端</translation>
    </message>
    <message>
        <source>Heavy rain</source>
        <translation>暴雨</translation>
    </message>
    <message>
        <source>Rain of one hour</source>
        <translation>小时雨量</translation>
    </message>
    <message>
        <source>Water rises fast</source>
        <translation>水位快速上涨</translation>
    </message>
    <message>
        <source>Sensor stuck</source>
        <translation>传感器读数不变</translation>
    </message>
    <message>
        <source>Sensor faulty</source>
        <translation>传感器故障</translation>
    </message>
    <message>
        <source>Gateway link: sensors silent together</source>
        <translation>网关链路：同时离线传感器</translation>
    </message>
    <message>
        <source>Unacknowledged</source>
        <translation>未确认</translation>
    </message>
    <message>
        <source>Over, unacknowledged</source>
        <translation>已恢复，未确认</translation>
    </message>
    <message>
        <source>Acknowledged</source>
        <translation>已确认</translation>
    </message>
    <message>
        <source>Over, to be reset</source>
        <translation>已恢复，待复位</translation>
    </message>
    <message>
        <source>Shelved</source>
        <translation>已搁置</translation>
    </message>
    <message>
        <source>Suppressed by design</source>
        <translation>设计抑制</translation>
    </message>
    <message>
        <source>Out of service</source>
        <translation>停用</translation>
    </message>
    <message>
        <source>Raised</source>
        <translation>发出</translation>
    </message>
    <message>
        <source>Got worse</source>
        <translation>升级</translation>
    </message>
    <message>
        <source>Got better</source>
        <translation>降级</translation>
    </message>
    <message>
        <source>Over</source>
        <translation>已恢复</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>复位</translation>
    </message>
    <message>
        <source>Shown again</source>
        <translation>取消搁置</translation>
    </message>
    <message>
        <source>Suppressed no more</source>
        <translation>解除抑制</translation>
    </message>
    <message>
        <source>Taken out of service</source>
        <translation>停用</translation>
    </message>
    <message>
        <source>Returned to service</source>
        <translation>恢复使用</translation>
    </message>
    <message>
        <source>Made a case</source>
        <translation>转为案件</translation>
    </message>
    <message>
        <source>Its case has ended</source>
        <translation>案件已结束</translation>
    </message>
    <message>
        <source>Asks to come in</source>
        <translation>申请接入</translation>
    </message>
    <message>
        <source>Blocked</source>
        <translation>已禁用</translation>
    </message>
    <message>
        <source>Online</source>
        <translation>在线</translation>
    </message>
    <message>
        <source>Silent</source>
        <translation>静默</translation>
    </message>
    <message>
        <source>Never heard</source>
        <translation>从未上线</translation>
    </message>
    <message>
        <source>No terminal</source>
        <translation>无终端</translation>
    </message>
    <message>
        <source>Blue plate</source>
        <translation>蓝牌</translation>
    </message>
    <message>
        <source>Yellow plate</source>
        <translation>黄牌</translation>
    </message>
    <message>
        <source>Black plate</source>
        <translation>黑牌</translation>
    </message>
    <message>
        <source>White plate</source>
        <translation>白牌</translation>
    </message>
    <message>
        <source>Other plate</source>
        <translation>其他牌照</translation>
    </message>
    <message>
        <source>Water level</source>
        <translation>水位</translation>
    </message>
    <message>
        <source>Rain</source>
        <translation>雨量</translation>
    </message>
    <message>
        <source>instantaneous level, m</source>
        <translation>瞬时水位，m</translation>
    </message>
    <message>
        <source>rain of 5 minutes, mm</source>
        <translation>5 分钟雨量，mm</translation>
    </message>
    <message>
        <source>running total of rain, mm</source>
        <translation>累计雨量，mm</translation>
    </message>
    <message>
        <source>rain of an hour in steps of 5 minutes, mm</source>
        <translation>1 小时内每 5 分钟雨量，mm</translation>
    </message>
    <message>
        <source>levels of an hour in steps of 5 minutes, m</source>
        <translation>1 小时内每 5 分钟水位，m</translation>
    </message>
    <message>
        <source>battery, V</source>
        <translation>电池电压，V</translation>
    </message>
    <message>
        <source>current rain, mm</source>
        <translation>当前雨量，mm</translation>
    </message>
    <message>
        <source>rain of the day, mm</source>
        <translation>日雨量，mm</translation>
    </message>
    <message>
        <source>without satellites</source>
        <translation>未定位</translation>
    </message>
    <message>
        <source>from the future</source>
        <translation>时间超前</translation>
    </message>
    <message>
        <source>older than a day</source>
        <translation>早于一天</translation>
    </message>
    <message>
        <source>outside the area of the map</source>
        <translation>超出坐标范围</translation>
    </message>
    <message>
        <source>faster than a truck drives</source>
        <translation>速度超出可能</translation>
    </message>
    <message>
        <source>older than 31 days</source>
        <translation>早于 31 天</translation>
    </message>
    <message>
        <source>Answer</source>
        <translation>应答</translation>
    </message>
    <message>
        <source>Heartbeat</source>
        <translation>心跳</translation>
    </message>
    <message>
        <source>Log-out</source>
        <translation>注销</translation>
    </message>
    <message>
        <source>Registration</source>
        <translation>注册</translation>
    </message>
    <message>
        <source>Authentication</source>
        <translation>鉴权</translation>
    </message>
    <message>
        <source>Parameters told</source>
        <translation>参数应答</translation>
    </message>
    <message>
        <source>Position</source>
        <translation>位置汇报</translation>
    </message>
    <message>
        <source>Position as asked for</source>
        <translation>位置查询应答</translation>
    </message>
    <message>
        <source>Positions kept meanwhile</source>
        <translation>批量位置补传</translation>
    </message>
    <message>
        <source>Test report</source>
        <translation>测试报</translation>
    </message>
    <message>
        <source>Report of even spans</source>
        <translation>均匀时段报</translation>
    </message>
    <message>
        <source>Timed report</source>
        <translation>定时报</translation>
    </message>
    <message>
        <source>Added report</source>
        <translation>加报</translation>
    </message>
    <message>
        <source>Hourly report</source>
        <translation>小时报</translation>
    </message>
    <message>
        <source>Report by hand</source>
        <translation>人工置数报</translation>
    </message>
    <message>
        <source>bytes that belong to no frame</source>
        <translation>不属于任何帧的字节</translation>
    </message>
    <message>
        <source>frame longer than there are</source>
        <translation>帧超长</translation>
    </message>
    <message>
        <source>frame shorter than its header</source>
        <translation>帧短于消息头</translation>
    </message>
    <message>
        <source>wrong escape</source>
        <translation>转义错误</translation>
    </message>
    <message>
        <source>wrong checksum</source>
        <translation>校验错误</translation>
    </message>
    <message>
        <source>wrong length</source>
        <translation>长度错误</translation>
    </message>
    <message>
        <source>number that is none</source>
        <translation>终端号无效</translation>
    </message>
    <message>
        <source>wrong number of parts</source>
        <translation>分包数错误</translation>
    </message>
    <message>
        <source>wrong header</source>
        <translation>报头错误</translation>
    </message>
    <message>
        <source>encrypted</source>
        <translation>已加密</translation>
    </message>
    <message>
        <source>body that breaks the standard</source>
        <translation>消息体不合标准</translation>
    </message>
    <message>
        <source>100 faulty frames in a row</source>
        <translation>连续 100 个错帧</translation>
    </message>
    <message>
        <source>nobody known within a minute</source>
        <translation>一分钟内未鉴权</translation>
    </message>
    <message>
        <source>nothing said for ten minutes</source>
        <translation>十分钟无消息</translation>
    </message>
    <message>
        <source>half a frame for a minute</source>
        <translation>半帧停留一分钟</translation>
    </message>
    <message>
        <source>a further line of the same terminal</source>
        <translation>同一终端的新连接取代</translation>
    </message>
    <message>
        <source>blocked, withdrawn or moved by the administrator</source>
        <translation>被管理员禁用、收回或改派</translation>
    </message>
    <message>
        <source>logged out</source>
        <translation>终端注销</translation>
    </message>
    <message>
        <source>station of no sensor</source>
        <translation>未关联传感器的测站</translation>
    </message>
    <message>
        <source>wrong password of the station</source>
        <translation>测站密码错误</translation>
    </message>
    <message>
        <source>address that is not allowed</source>
        <translation>地址不在允许名单</translation>
    </message>
    <message>
        <source>too many lines at once</source>
        <translation>同时连接过多</translation>
    </message>
    <message>
        <source>the gateway was stopped</source>
        <translation>网关停止</translation>
    </message>
    <message>
        <source>let in</source>
        <translation>准入</translation>
    </message>
    <message>
        <source>refused: no vehicle has the number</source>
        <translation>拒绝：没有车辆使用该终端号</translation>
    </message>
    <message>
        <source>Messages stored</source>
        <translation>已入库消息</translation>
    </message>
    <message>
        <source>Messages kept on the disk while the database was away</source>
        <translation>数据库离线时暂存磁盘的消息</translation>
    </message>
    <message>
        <source>Messages brought from the disk into the database</source>
        <translation>由磁盘补录入库的消息</translation>
    </message>
    <message>
        <source>Messages not kept: the disk is full, devices send them again</source>
        <translation>未保存的消息：磁盘已满，由设备重发</translation>
    </message>
    <message>
        <source>Messages that the database does not take; kept raw</source>
        <translation>数据库不接受的消息（仅存原始帧）</translation>
    </message>
    <message>
        <source>Lines opened</source>
        <translation>建立的连接</translation>
    </message>
    <message>
        <source>Messages before authentication</source>
        <translation>鉴权前的消息</translation>
    </message>
    <message>
        <source>Authentications refused</source>
        <translation>被拒绝的鉴权</translation>
    </message>
    <message>
        <source>Messages that nobody knows</source>
        <translation>未知消息</translation>
    </message>
    <message>
        <source>Entries of batches without a position</source>
        <translation>批量中无位置的条目</translation>
    </message>
    <message>
        <source>Parts of messages given up</source>
        <translation>放弃的分包</translation>
    </message>
    <message>
        <source>Values that a device could not measure</source>
        <translation>设备未能测得的值</translation>
    </message>
    <message>
        <source>Readings whose time is not believed</source>
        <translation>时间不可信的读数</translation>
    </message>
    <message>
        <source>Requests</source>
        <translation>待审批</translation>
    </message>
    <message>
        <source>Messages taken in</source>
        <translation>接收的消息</translation>
    </message>
    <message>
        <source>Messages refused</source>
        <translation>拒绝的消息</translation>
    </message>
    <message>
        <source>Requests without a valid token</source>
        <translation>令牌无效的请求</translation>
    </message>
    <message>
        <source>Requests that are no JSON</source>
        <translation>非 JSON 的请求</translation>
    </message>
    <message>
        <source>Requests too often</source>
        <translation>过于频繁的请求</translation>
    </message>
    <message>
        <source>Requests put off: no room</source>
        <translation>因无空间推迟的请求</translation>
    </message>
    <message>
        <source>Messages that are none</source>
        <translation>格式无效的消息</translation>
    </message>
    <message>
        <source>Messages of topics of no sensor</source>
        <translation>未关联传感器主题的消息</translation>
    </message>
    <message>
        <source>Times the broker was reached</source>
        <translation>连上消息代理的次数</translation>
    </message>
    <message>
        <source>Times the broker refused</source>
        <translation>消息代理拒绝的次数</translation>
    </message>
    <message>
        <source>Positions judged</source>
        <translation>已研判位置</translation>
    </message>
    <message>
        <source>Readings judged</source>
        <translation>已研判读数</translation>
    </message>
    <message>
        <source>Positions that came late</source>
        <translation>迟到的位置</translation>
    </message>
    <message>
        <source>Changes of alarms</source>
        <translation>告警变更</translation>
    </message>
    <message>
        <source>Clock of the gateway is off by, s</source>
        <translation>网关时钟偏差，s</translation>
    </message>
    <message>
        <source>Texts to drivers</source>
        <translation>下发文字</translation>
    </message>
    <message>
        <source>Positions asked for</source>
        <translation>位置查询</translation>
    </message>
    <message>
        <source>Parameters set</source>
        <translation>参数设置</translation>
    </message>
    <message>
        <source>Commands acknowledged</source>
        <translation>指令已确认</translation>
    </message>
    <message>
        <source>Commands failed</source>
        <translation>指令失败</translation>
    </message>
    <message>
        <source>Commands not understood</source>
        <translation>指令消息有误</translation>
    </message>
    <message>
        <source>Commands not supported</source>
        <translation>指令不支持</translation>
    </message>
    <message>
        <source>Faulty frames: {what}</source>
        <translation>错帧：{what}</translation>
    </message>
    <message>
        <source>Lines closed: {what}</source>
        <translation>关闭连接：{what}</translation>
    </message>
    <message>
        <source>Registrations: {what}</source>
        <translation>注册：{what}</translation>
    </message>
    <message>
        <source>Messages: {what}</source>
        <translation>消息：{what}</translation>
    </message>
    <message>
        <source>Reports: {what}</source>
        <translation>报文：{what}</translation>
    </message>
    <message>
        <source>Doubtful positions: {what}</source>
        <translation>存疑位置：{what}</translation>
    </message>
    <message>
        <source>Rain gauge</source>
        <translation>雨量计</translation>
    </message>
    <message>
        <source>Low ground</source>
        <translation>地势低洼</translation>
    </message>
    <message>
        <source>Pipe too small</source>
        <translation>管径偏小</translation>
    </message>
    <message>
        <source>Gullies block</source>
        <translation>雨水口易堵</translation>
    </message>
    <message>
        <source>Backwater</source>
        <translation>顶托倒灌</translation>
    </message>
    <message>
        <source>Pump capacity</source>
        <translation>泵排能力不足</translation>
    </message>
    <message>
        <source>Doubtful reading</source>
        <translation>读数存疑</translation>
    </message>
    <message>
        <source>Bad reading</source>
        <translation>读数无效</translation>
    </message>
    <message>
        <source>Entered by hand</source>
        <translation>人工置数</translation>
    </message>
    <message>
        <source>Blue</source>
        <translation>蓝色</translation>
    </message>
    <message>
        <source>Yellow</source>
        <translation>黄色</translation>
    </message>
    <message>
        <source>Orange</source>
        <translation>橙色</translation>
    </message>
    <message>
        <source>Red</source>
        <translation>红色</translation>
    </message>
    <message>
        <source>attention</source>
        <translation>关注</translation>
    </message>
    <message>
        <source>flooding</source>
        <translation>内涝</translation>
    </message>
    <message>
        <source>close the road</source>
        <translation>封路</translation>
    </message>
    <message>
        <source>severe</source>
        <translation>严重</translation>
    </message>
    <message>
        <source>Critical</source>
        <translation>紧急</translation>
    </message>
    <message>
        <source>High</source>
        <translation>高</translation>
    </message>
    <message>
        <source>Medium</source>
        <translation>中</translation>
    </message>
    <message>
        <source>Case</source>
        <translation>案件</translation>
    </message>
    <message>
        <source>Manhole</source>
        <translation>检查井</translation>
    </message>
    <message>
        <source>Move of a case</source>
        <translation>案件办理</translation>
    </message>
    <message>
        <source>Evidence</source>
        <translation>证据材料</translation>
    </message>
    <message>
        <source>Evidence withdrawn</source>
        <translation>证据撤回</translation>
    </message>
    <message>
        <source>Pipe</source>
        <translation>排水管道</translation>
    </message>
    <message>
        <source>Gully</source>
        <translation>雨水口</translation>
    </message>
    <message>
        <source>Outfall</source>
        <translation>排水口</translation>
    </message>
    <message>
        <source>Pump station</source>
        <translation>泵站</translation>
    </message>
    <message>
        <source>Rainstorm warning</source>
        <translation>暴雨预警</translation>
    </message>
    <message>
        <source>Tick of flood duty</source>
        <translation>防汛值守勾选</translation>
    </message>
    <message>
        <source>Sensor</source>
        <translation>传感器</translation>
    </message>
    <message>
        <source>Truck</source>
        <translation>渣土车</translation>
    </message>
    <message>
        <source>Haulage company</source>
        <translation>渣土运输企业</translation>
    </message>
    <message>
        <source>Route permit</source>
        <translation>路线许可</translation>
    </message>
    <message>
        <source>Work site</source>
        <translation>工地</translation>
    </message>
    <message>
        <source>Dump site</source>
        <translation>消纳场</translation>
    </message>
    <message>
        <source>Traffic area</source>
        <translation>交通管制区</translation>
    </message>
    <message>
        <source>Alarm rule</source>
        <translation>报警规则</translation>
    </message>
    <message>
        <source>Alarm held back</source>
        <translation>报警抑制</translation>
    </message>
    <message>
        <source>GPS terminal</source>
        <translation>车载终端</translation>
    </message>
    <message>
        <source>Command to a terminal</source>
        <translation>终端指令</translation>
    </message>
    <message>
        <source>Source of a sensor</source>
        <translation>传感器数据来源</translation>
    </message>
    <message>
        <source>Token for HTTP</source>
        <translation>HTTP 令牌</translation>
    </message>
    <message>
        <source>Place in the history</source>
        <translation>历史序号</translation>
    </message>
    <message>
        <source>From state</source>
        <translation>原状态</translation>
    </message>
    <message>
        <source>To state</source>
        <translation>新状态</translation>
    </message>
    <message>
        <source>Seconds used</source>
        <translation>用时（秒）</translation>
    </message>
    <message>
        <source>Opinion</source>
        <translation>意见</translation>
    </message>
    <message>
        <source>Particulars</source>
        <translation>明细</translation>
    </message>
    <message>
        <source>Request</source>
        <translation>请求编号</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>File type</source>
        <translation>文件类型</translation>
    </message>
    <message>
        <source>File name</source>
        <translation>文件名</translation>
    </message>
    <message>
        <source>Stage of the photo</source>
        <translation>照片阶段</translation>
    </message>
    <message>
        <source>Taken at</source>
        <translation>拍摄时间</translation>
    </message>
    <message>
        <source>Attached at</source>
        <translation>上传时间</translation>
    </message>
    <message>
        <source>Attached by</source>
        <translation>上传人</translation>
    </message>
    <message>
        <source>Width in pixels</source>
        <translation>宽（像素）</translation>
    </message>
    <message>
        <source>Height in pixels</source>
        <translation>高（像素）</translation>
    </message>
    <message>
        <source>Longitude</source>
        <translation>经度</translation>
    </message>
    <message>
        <source>Latitude</source>
        <translation>纬度</translation>
    </message>
    <message>
        <source>Number</source>
        <translation>编号</translation>
    </message>
    <message>
        <source>Size in bytes</source>
        <translation>大小（字节）</translation>
    </message>
    <message>
        <source>Checksum</source>
        <translation>校验值</translation>
    </message>
    <message>
        <source>Reason</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>Number of its terminal</source>
        <translation>终端号</translation>
    </message>
    <message>
        <source>Plate</source>
        <translation>车牌</translation>
    </message>
    <message>
        <source>Colour of the plate</source>
        <translation>车牌颜色</translation>
    </message>
    <message>
        <source>Volume of the box, m³</source>
        <translation>车厢容积，m³</translation>
    </message>
    <message>
        <source>Devices</source>
        <translation>设备</translation>
    </message>
    <message>
        <source>Renewed</source>
        <translation>已更换</translation>
    </message>
    <message>
        <source>What was said</source>
        <translation>下发内容</translation>
    </message>
    <message>
        <source>Value of the device</source>
        <translation>设备数值</translation>
    </message>
    <message>
        <source>altered</source>
        <translation>被篡改</translation>
    </message>
    <message>
        <source>moved</source>
        <translation>被调换</translation>
    </message>
    <message>
        <source>missing</source>
        <translation>缺失</translation>
    </message>
    <message>
        <source>inserted</source>
        <translation>被插入</translation>
    </message>
    <message>
        <source>altered with its digest, or out of order</source>
        <translation>连同摘要被篡改，或次序被打乱</translation>
    </message>
    <message>
        <source>head or order of days forged</source>
        <translation>链头或日期次序被伪造</translation>
    </message>
    <message>
        <source>the server itself</source>
        <translation>服务器本机</translation>
    </message>
    <message>
        <source>entry {n} {wrong}</source>
        <translation>第 {n} 号记录{wrong}</translation>
    </message>
    <message>
        <source>place {n} of the day {wrong}</source>
        <translation>当日第 {n} 条{wrong}</translation>
    </message>
    <message>
        <source>{kind} of {n} points</source>
        <translation>{kind}，{n} 个点</translation>
    </message>
    <message>
        <source>Flood point</source>
        <translation>易涝点</translation>
    </message>
    <message>
        <source>Street</source>
        <translation>道路</translation>
    </message>
    <message>
        <source>Code</source>
        <translation>代码</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Name in English</source>
        <translation>英文名称</translation>
    </message>
    <message>
        <source>Short name</source>
        <translation>简称</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>类别</translation>
    </message>
    <message>
        <source>Belongs to</source>
        <translation>上级单位</translation>
    </message>
    <message>
        <source>Major class</source>
        <translation>大类</translation>
    </message>
    <message>
        <source>Major class in English</source>
        <translation>大类英文名称</translation>
    </message>
    <message>
        <source>In use</source>
        <translation>启用</translation>
    </message>
    <message>
        <source>Code system</source>
        <translation>代码体系</translation>
    </message>
    <message>
        <source>Login</source>
        <translation>登录名</translation>
    </message>
    <message>
        <source>Post</source>
        <translation>岗位</translation>
    </message>
    <message>
        <source>Post in English</source>
        <translation>岗位英文名称</translation>
    </message>
    <message>
        <source>Role</source>
        <translation>角色</translation>
    </message>
    <message>
        <source>Account</source>
        <translation>账号</translation>
    </message>
    <message>
        <source>Unit</source>
        <translation>所属部门</translation>
    </message>
    <message>
        <source>Patrol team</source>
        <translation>巡查队</translation>
    </message>
    <message>
        <source>Zone</source>
        <translation>片区</translation>
    </message>
    <message>
        <source>Leads the unit</source>
        <translation>单位负责人</translation>
    </message>
    <message>
        <source>Active</source>
        <translation>在岗</translation>
    </message>
    <message>
        <source>Begins</source>
        <translation>开始</translation>
    </message>
    <message>
        <source>Ends</source>
        <translation>结束</translation>
    </message>
    <message>
        <source>In force from</source>
        <translation>生效日期</translation>
    </message>
    <message>
        <source>In force until</source>
        <translation>失效日期</translation>
    </message>
    <message>
        <source>Opens</source>
        <translation>上班</translation>
    </message>
    <message>
        <source>Closes</source>
        <translation>下班</translation>
    </message>
    <message>
        <source>Move</source>
        <translation>环节</translation>
    </message>
    <message>
        <source>Colour</source>
        <translation>预警等级</translation>
    </message>
    <message>
        <source>Place in the list</source>
        <translation>顺序</translation>
    </message>
    <message>
        <source>Words</source>
        <translation>用语</translation>
    </message>
    <message>
        <source>Words in English</source>
        <translation>英文用语</translation>
    </message>
    <message>
        <source>Class</source>
        <translation>小类</translation>
    </message>
    <message>
        <source>Filing condition</source>
        <translation>立案条件</translation>
    </message>
    <message>
        <source>Filing condition in English</source>
        <translation>立案条件（英文）</translation>
    </message>
    <message>
        <source>Disposal limit</source>
        <translation>处置时限</translation>
    </message>
    <message>
        <source>Unit of the limit</source>
        <translation>时限单位</translation>
    </message>
    <message>
        <source>Closing condition</source>
        <translation>结案条件</translation>
    </message>
    <message>
        <source>Closing condition in English</source>
        <translation>结案条件（英文）</translation>
    </message>
    <message>
        <source>Responsible unit</source>
        <translation>责任单位</translation>
    </message>
    <message>
        <source>Competent unit</source>
        <translation>主管部门</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>版本</translation>
    </message>
    <message>
        <source>Setting</source>
        <translation>参数</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>取值</translation>
    </message>
    <message>
        <source>Unit of measure</source>
        <translation>计量单位</translation>
    </message>
    <message>
        <source>Allowed</source>
        <translation>允许范围</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>Assumed</source>
        <translation>暂定</translation>
    </message>
    <message>
        <source>Confidence</source>
        <translation>可信度</translation>
    </message>
    <message>
        <source>Day</source>
        <translation>日期</translation>
    </message>
    <message>
        <source>Working day</source>
        <translation>工作日</translation>
    </message>
    <message>
        <source>Shift</source>
        <translation>班次</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>密码</translation>
    </message>
    <message>
        <source>Permit number</source>
        <translation>许可编号</translation>
    </message>
    <message>
        <source>Daily from</source>
        <translation>每日起</translation>
    </message>
    <message>
        <source>Daily until</source>
        <translation>每日止</translation>
    </message>
    <message>
        <source>Permitted volume</source>
        <translation>核准方量</translation>
    </message>
    <message>
        <source>Capacity</source>
        <translation>容量</translation>
    </message>
    <message>
        <source>Highest speed</source>
        <translation>最高时速</translation>
    </message>
    <message>
        <source>On the map</source>
        <translation>地图图形</translation>
    </message>
    <message>
        <source>In force</source>
        <translation>启用</translation>
    </message>
    <message>
        <source>Priority</source>
        <translation>优先级</translation>
    </message>
    <message>
        <source>Cause</source>
        <translation>起因</translation>
    </message>
    <message>
        <source>Consequence when nobody acts</source>
        <translation>不处理的后果</translation>
    </message>
    <message>
        <source>What the operator does</source>
        <translation>处置措施</translation>
    </message>
    <message>
        <source>Raised from</source>
        <translation>报警值</translation>
    </message>
    <message>
        <source>Over at this or less</source>
        <translation>消除值</translation>
    </message>
    <message>
        <source>Raised after so many in a row</source>
        <translation>报警前连续次数</translation>
    </message>
    <message>
        <source>Raised after so long</source>
        <translation>报警延时</translation>
    </message>
    <message>
        <source>Over after so many in a row</source>
        <translation>消除前连续次数</translation>
    </message>
    <message>
        <source>Over after so long</source>
        <translation>消除延时</translation>
    </message>
    <message>
        <source>Stands until somebody resets it</source>
        <translation>锁存，须人工复位</translation>
    </message>
    <message>
        <source>Trucks that it watches</source>
        <translation>监视的车辆</translation>
    </message>
    <message>
        <source>Limit of the flood point that it goes by</source>
        <translation>采用积水点的限值</translation>
    </message>
    <message>
        <source>Rain is summed over</source>
        <translation>雨量累计时长</translation>
    </message>
    <message>
        <source>Rise is taken over</source>
        <translation>上涨计算时长</translation>
    </message>
    <message>
        <source>Only from this level on</source>
        <translation>水位不低于</translation>
    </message>
    <message>
        <source>Fallen silent together means within</source>
        <translation>视为同时中断的时间范围</translation>
    </message>
    <message>
        <source>On a street or at a site means within</source>
        <translation>视为在道路或场地的距离</translation>
    </message>
    <message>
        <source>Stands below</source>
        <translation>视为停车的车速</translation>
    </message>
    <message>
        <source>Silence allowed while the engine is off</source>
        <translation>熄火时允许中断</translation>
    </message>
    <message>
        <source>Of so many positions in a row</source>
        <translation>连续定位数</translation>
    </message>
    <message>
        <source>So many must be impossible</source>
        <translation>其中不可能的定位数</translation>
    </message>
    <message>
        <source>Most rain that one reading can say</source>
        <translation>单次读数最大雨量</translation>
    </message>
    <message>
        <source>Limit away from streets</source>
        <translation>道路以外限速</translation>
    </message>
    <message>
        <source>Limit on arterial roads</source>
        <translation>主干路限速</translation>
    </message>
    <message>
        <source>Limit on secondary roads</source>
        <translation>次干路限速</translation>
    </message>
    <message>
        <source>Limit on branch roads</source>
        <translation>支路限速</translation>
    </message>
    <message>
        <source>No entry</source>
        <translation>禁行</translation>
    </message>
    <message>
        <source>Speed limit</source>
        <translation>限速</translation>
    </message>
    <message>
        <source>readings</source>
        <translation>次读数</translation>
    </message>
    <message>
        <source>sensors</source>
        <translation>个传感器</translation>
    </message>
    <message>
        <source>terminals</source>
        <translation>台终端</translation>
    </message>
    <message>
        <source>Loaded ones only</source>
        <translation>仅重车</translation>
    </message>
    <message>
        <source>All</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Attention level</source>
        <translation>关注水位</translation>
    </message>
    <message>
        <source>Flooding level</source>
        <translation>内涝水位</translation>
    </message>
    <message>
        <source>Closing level</source>
        <translation>封路水位</translation>
    </message>
    <message>
        <source>Severe level</source>
        <translation>严重水位</translation>
    </message>
    <message>
        <source>Centre</source>
        <translation>监督指挥中心</translation>
    </message>
    <message>
        <source>Bureau</source>
        <translation>局</translation>
    </message>
    <message>
        <source>Enforcement</source>
        <translation>执法</translation>
    </message>
    <message>
        <source>Sanitation</source>
        <translation>环卫</translation>
    </message>
    <message>
        <source>Parks</source>
        <translation>园林</translation>
    </message>
    <message>
        <source>Municipal works</source>
        <translation>市政</translation>
    </message>
    <message>
        <source>Subdistrict</source>
        <translation>街道</translation>
    </message>
    <message>
        <source>Owner of components</source>
        <translation>权属单位</translation>
    </message>
    <message>
        <source>Accept and file</source>
        <translation>受理、立案</translation>
    </message>
    <message>
        <source>Verify on site</source>
        <translation>现场核实</translation>
    </message>
    <message>
        <source>Dispatch and feed back</source>
        <translation>派遣、反馈</translation>
    </message>
    <message>
        <source>Check on site</source>
        <translation>现场核查</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>结案</translation>
    </message>
    <message>
        <source>Disposal without a condition: limit</source>
        <translation>无立案条件时的处置时限</translation>
    </message>
    <message>
        <source>Disposal without a condition: unit</source>
        <translation>无立案条件时的时限单位</translation>
    </message>
    <message>
        <source>Yellow light from this share of a limit</source>
        <translation>时限用去多少时亮黄灯</translation>
    </message>
    <message>
        <source>Duplicates: within this distance</source>
        <translation>疑似重复：相距不超过</translation>
    </message>
    <message>
        <source>Duplicates: within this time</source>
        <translation>疑似重复：相隔不超过</translation>
    </message>
    <message>
        <source>Evidence: largest file</source>
        <translation>附件：单个文件上限</translation>
    </message>
    <message>
        <source>Evidence: most in one case</source>
        <translation>附件：每案总量上限</translation>
    </message>
    <message>
        <source>Evidence: doubtful when its time differs by</source>
        <translation>附件：拍摄时间相差多少视为存疑</translation>
    </message>
    <message>
        <source>Evidence: doubtful when its place differs by</source>
        <translation>附件：拍摄位置相差多少视为存疑</translation>
    </message>
    <message>
        <source>Messages from the field are kept for</source>
        <translation>现场报文保存</translation>
    </message>
    <message>
        <source>Sensors: lowest believable level</source>
        <translation>传感器：可信水位下限</translation>
    </message>
    <message>
        <source>Sensors: highest believable level</source>
        <translation>传感器：可信水位上限</translation>
    </message>
    <message>
        <source>Sensors: fastest believable rise or fall</source>
        <translation>传感器：可信最快涨落</translation>
    </message>
    <message>
        <source>Sensors: heaviest believable rain</source>
        <translation>传感器：可信最大雨强</translation>
    </message>
    <message>
        <source>Alarms: usual time of shelving</source>
        <translation>报警：默认搁置时长</translation>
    </message>
    <message>
        <source>Alarms: longest time of shelving</source>
        <translation>报警：最长搁置时长</translation>
    </message>
    <message>
        <source>Changes are kept for consoles</source>
        <translation>变更通知保留</translation>
    </message>
    <message>
        <source>Roster</source>
        <translation>排班</translation>
    </message>
    <message>
        <source>Calendar day</source>
        <translation>日历</translation>
    </message>
    <message>
        <source>Opinion text</source>
        <translation>意见用语</translation>
    </message>
    <message>
        <source>added</source>
        <translation>新增</translation>
    </message>
    <message>
        <source>refused</source>
        <translation>拒绝</translation>
    </message>
    <message>
        <source>new</source>
        <translation>新增</translation>
    </message>
    <message>
        <source>changed</source>
        <translation>已改</translation>
    </message>
    <message>
        <source>unchanged</source>
        <translation>无变化</translation>
    </message>
    <message>
        <source>ends</source>
        <translation>终止</translation>
    </message>
    <message>
        <source>not in the file, stays</source>
        <translation>文件中没有，保留</translation>
    </message>
    <message>
        <source>no login</source>
        <translation>无登录名</translation>
    </message>
    <message>
        <source>no password yet</source>
        <translation>尚无密码</translation>
    </message>
    <message>
        <source>open</source>
        <translation>可登录</translation>
    </message>
    <message>
        <source>locked</source>
        <translation>已锁定</translation>
    </message>
    <message>
        <source>not of this city</source>
        <translation>非本系统用户</translation>
    </message>
    <message>
        <source>other rights than the post</source>
        <translation>权限与岗位不符</translation>
    </message>
    <message>
        <source>removed</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>New, not saved yet</source>
        <translation>新增，尚未保存</translation>
    </message>
    <message>
        <source>Changed, not saved yet</source>
        <translation>已修改，尚未保存</translation>
    </message>
    <message>
        <source>Goes when it is saved</source>
        <translation>保存时删除</translation>
    </message>
    <message>
        <source>To be mended before it can be saved</source>
        <translation>改正后才能保存</translation>
    </message>
    <message>
        <source>Changed meanwhile by somebody else: decide</source>
        <translation>他人已同时修改，请取舍</translation>
    </message>
    <message>
        <source>This is needed.</source>
        <translation>此项必填。</translation>
    </message>
    <message>
        <source>Another entry has this already.</source>
        <translation>已有其他条目使用。</translation>
    </message>
    <message>
        <source>The end comes before the beginning.</source>
        <translation>结束早于开始。</translation>
    </message>
    <message>
        <source>It would be over before it begins: not above the point that raises it.</source>
        <translation>消除值不得高于报警值，否则报警未发生即已消除。</translation>
    </message>
    <message>
        <source>This cannot be read.</source>
        <translation>无法识别。</translation>
    </message>
    <message>
        <source>One to twelve letters and figures.</source>
        <translation>1 至 12 位字母或数字。</translation>
    </message>
    <message>
        <source>Four figures.</source>
        <translation>4 位数字。</translation>
    </message>
    <message>
        <source>Small letters, figures and _, a letter first.</source>
        <translation>小写字母、数字和下划线，字母开头。</translation>
    </message>
    <message>
        <source>Two to ten capital letters and figures, a letter first.</source>
        <translation>2 至 10 位大写字母或数字，字母开头。</translation>
    </message>
    <message>
        <source>yes</source>
        <translation>是</translation>
    </message>
    <message>
        <source>no</source>
        <translation>否</translation>
    </message>
    <message>
        <source>all roles</source>
        <translation>全部角色</translation>
    </message>
    <message>
        <source>A number from {least} to {most}.</source>
        <translation>{least} 至 {most} 之间的数。</translation>
    </message>
    <message>
        <source>Choose one of the list that typing opens.</source>
        <translation>请从输入后出现的列表中选择。</translation>
    </message>
    <message>
        <source>It crosses itself or is too small: change it on the map.</source>
        <translation>图形自相交或过小：请在地图上修改。</translation>
    </message>
    <message>
        <source>Written like {example}.</source>
        <translation>格式如 {example}。</translation>
    </message>
    <message>
        <source>Community</source>
        <translation>社区</translation>
    </message>
    <message>
        <source>Unit grid</source>
        <translation>单元网格</translation>
    </message>
    <message>
        <source>It is so</source>
        <translation>属实</translation>
    </message>
    <message>
        <source>It is not so</source>
        <translation>不属实</translation>
    </message>
    <message>
        <source>Passed</source>
        <translation>通过</translation>
    </message>
    <message>
        <source>Not passed</source>
        <translation>不通过</translation>
    </message>
    <message>
        <source>Granted</source>
        <translation>同意</translation>
    </message>
    <message>
        <source>Not granted</source>
        <translation>不同意</translation>
    </message>
    <message>
        <source>Overdue</source>
        <translation>超时</translation>
    </message>
    <message>
        <source>By a leader</source>
        <translation>领导督办</translation>
    </message>
    <message>
        <source>Important</source>
        <translation>重要</translation>
    </message>
    <message>
        <source>it maintains the component</source>
        <translation>该部件的养护单位</translation>
    </message>
    <message>
        <source>it serves this place</source>
        <translation>负责该地段</translation>
    </message>
    <message>
        <source>earlier cases here went there</source>
        <translation>此处以往案件由其处置</translation>
    </message>
    <message>
        <source>the standard names it</source>
        <translation>立案标准指定</translation>
    </message>
    <message>
        <source>the acceptor proposes it</source>
        <translation>受理员建议</translation>
    </message>
    <message>
        <source>Far</source>
        <translation>远景</translation>
    </message>
    <message>
        <source>Near</source>
        <translation>近景</translation>
    </message>
    <message>
        <source>Reference</source>
        <translation>参照物</translation>
    </message>
    <message>
        <source>Before</source>
        <translation>处置前</translation>
    </message>
    <message>
        <source>After</source>
        <translation>处置后</translation>
    </message>
    <message>
        <source>Photo</source>
        <translation>照片</translation>
    </message>
    <message>
        <source>Video</source>
        <translation>视频</translation>
    </message>
    <message>
        <source>Sound</source>
        <translation>录音</translation>
    </message>
    <message>
        <source>Document</source>
        <translation>文档</translation>
    </message>
    <message>
        <source>{n} photos</source>
        <translation>{n} 张照片</translation>
    </message>
    <message>
        <source>{n} videos</source>
        <translation>{n} 段视频</translation>
    </message>
    <message>
        <source>{n} sounds</source>
        <translation>{n} 段录音</translation>
    </message>
    <message>
        <source>{n} documents</source>
        <translation>{n} 份文档</translation>
    </message>
    <message>
        <source>1 photo</source>
        <translation>1 张照片</translation>
    </message>
    <message>
        <source>1 video</source>
        <translation>1 段视频</translation>
    </message>
    <message>
        <source>1 sound</source>
        <translation>1 段录音</translation>
    </message>
    <message>
        <source>1 document</source>
        <translation>1 份文档</translation>
    </message>
    <message>
        <source>taken {time} before the report</source>
        <translation>拍摄时间比上报早 {time}</translation>
    </message>
    <message>
        <source>is to show the place afterwards, but was taken {time} before the report</source>
        <translation>应为处置后照片，拍摄时间却比上报早 {time}</translation>
    </message>
    <message>
        <source>its camera&apos;s clock was {time} ahead when it was attached</source>
        <translation>上传时相机时钟快了 {time}</translation>
    </message>
    <message>
        <source>taken {distance} from the case</source>
        <translation>拍摄位置距案件 {distance}</translation>
    </message>
    <message>
        <source>Standard</source>
        <translation>立案标准</translation>
    </message>
    <message>
        <source>Organisation</source>
        <translation>组织机构</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>At the desk</source>
        <translation>坐席</translation>
    </message>
    <message>
        <source>Deadlines and lights of cases in hand follow as soon as it is saved.</source>
        <translation>保存后，在办案件的截止时间和亮灯随即更新。</translation>
    </message>
    <message>
        <source>Record</source>
        <translation>记录</translation>
    </message>
    <message>
        <source>In the field</source>
        <translation>现场接入</translation>
    </message>
    <message>
        <source>Classes</source>
        <translation>小类</translation>
    </message>
    <message>
        <source>Classes of components and events that cases are reported in.</source>
        <translation>案件上报所用的部件和事件小类。</translation>
    </message>
    <message>
        <source>Filing conditions and limits</source>
        <translation>立案条件与处置时限</translation>
    </message>
    <message>
        <source>A change is a new version from a day on; cases keep the version that they were filed under.</source>
        <translation>修改自某日起成为新版本；案件始终按其立案时的版本办理。</translation>
    </message>
    <message>
        <source>Cases that are filed already keep the words and limits of their version.</source>
        <translation>已立案的案件仍按其立案版本的条件和时限办理。</translation>
    </message>
    <message>
        <source>Departments</source>
        <translation>部门</translation>
    </message>
    <message>
        <source>Units that cases are dispatched to.</source>
        <translation>案件派遣的单位。</translation>
    </message>
    <message>
        <source>Users and posts</source>
        <translation>用户与岗位</translation>
    </message>
    <message>
        <source>A login has the rights of its post, and loses them with it.</source>
        <translation>登录名的权限随岗位而定，岗位撤销即失效。</translation>
    </message>
    <message>
        <source>The rights of logins follow their posts at once.</source>
        <translation>登录名的权限随岗位即时变更。</translation>
    </message>
    <message>
        <source>Patrol teams</source>
        <translation>巡查队</translation>
    </message>
    <message>
        <source>Each zone has one team of inspectors.</source>
        <translation>每个片区有一支监督员队伍。</translation>
    </message>
    <message>
        <source>Shifts</source>
        <translation>班次</translation>
    </message>
    <message>
        <source>When the desks of the centre are taken over.</source>
        <translation>中心坐席的交接班时间。</translation>
    </message>
    <message>
        <source>Duty rosters</source>
        <translation>排班表</translation>
    </message>
    <message>
        <source>Who works which shift, from yesterday on; hand-overs go by it.</source>
        <translation>自昨日起各岗位值哪个班次；交接班以此为准。</translation>
    </message>
    <message>
        <source>Hand-overs and “who is near” follow at once.</source>
        <translation>交接班和附近力量随即按新的排班执行。</translation>
    </message>
    <message>
        <source>Working calendar</source>
        <translation>工作日历</translation>
    </message>
    <message>
        <source>On which days limits in working hours and days run.</source>
        <translation>以工作时、工作日计的时限在哪些日子计算。</translation>
    </message>
    <message>
        <source>Working hours</source>
        <translation>作息时间</translation>
    </message>
    <message>
        <source>Limits in working hours and days run only within these hours, by season.</source>
        <translation>以工作时、工作日计的时限只在此时间内计算，可按季节设置。</translation>
    </message>
    <message>
        <source>Stage limits</source>
        <translation>阶段时限</translation>
    </message>
    <message>
        <source>How long a stage at the centre may take, and when its light turns yellow.</source>
        <translation>中心各环节的时限，以及黄灯何时亮起。</translation>
    </message>
    <message>
        <source>Opinion texts</source>
        <translation>意见用语</translation>
    </message>
    <message>
        <source>Phrases that a desk writes as its opinion with one key.</source>
        <translation>坐席一键填写意见的常用语。</translation>
    </message>
    <message>
        <source>Flood duty</source>
        <translation>防汛值守</translation>
    </message>
    <message>
        <source>What is to be done from each colour of a rainstorm warning on.</source>
        <translation>各级暴雨预警应做的事项。</translation>
    </message>
    <message>
        <source>Phrases for drivers</source>
        <translation>司机常用语</translation>
    </message>
    <message>
        <source>What desks say to the drivers of muck trucks again and again.</source>
        <translation>坐席常发给渣土车司机的文字。</translation>
    </message>
    <message>
        <source>Other settings</source>
        <translation>其他参数</translation>
    </message>
    <message>
        <source>Figures that rules and checks go by.</source>
        <translation>规则和校验所依据的数值。</translation>
    </message>
    <message>
        <source>Permits</source>
        <translation>运输许可</translation>
    </message>
    <message>
        <source>New permit</source>
        <translation>新建许可</translation>
    </message>
    <message>
        <source>No permit has been given yet.</source>
        <translation>尚未核发许可。</translation>
    </message>
    <message>
        <source>Traffic areas</source>
        <translation>限行区</translation>
    </message>
    <message>
        <source>New traffic area</source>
        <translation>新建限行区</translation>
    </message>
    <message>
        <source>No area forbids trucks or slows them down yet.</source>
        <translation>尚未划定限行区。</translation>
    </message>
    <message>
        <source>Work sites</source>
        <translation>出土工地</translation>
    </message>
    <message>
        <source>New work site</source>
        <translation>新建工地</translation>
    </message>
    <message>
        <source>No work site is registered.</source>
        <translation>尚未登记出土工地。</translation>
    </message>
    <message>
        <source>Dump sites</source>
        <translation>消纳场</translation>
    </message>
    <message>
        <source>New dump site</source>
        <translation>新建消纳场</translation>
    </message>
    <message>
        <source>No dump site is registered.</source>
        <translation>尚未登记消纳场。</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>文字</translation>
    </message>
    <message>
        <source>Where it is</source>
        <translation>位置查询</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数</translation>
    </message>
    <message>
        <source>waits for the terminal</source>
        <translation>等待终端上线</translation>
    </message>
    <message>
        <source>sent</source>
        <translation>已下发</translation>
    </message>
    <message>
        <source>acknowledged</source>
        <translation>已确认</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>not understood</source>
        <translation>消息有误</translation>
    </message>
    <message>
        <source>not supported</source>
        <translation>不支持</translation>
    </message>
    <message>
        <source>no answer</source>
        <translation>无应答</translation>
    </message>
    <message>
        <source>expired</source>
        <translation>已过期</translation>
    </message>
    <message>
        <source>Position every</source>
        <translation>位置汇报间隔</translation>
    </message>
    <message>
        <source>Position with the engine off every</source>
        <translation>熄火时位置汇报间隔</translation>
    </message>
    <message>
        <source>Heartbeat every</source>
        <translation>心跳间隔</translation>
    </message>
    <message>
        <source>Warns the driver above</source>
        <translation>超速提醒</translation>
    </message>
    <message>
        <source>Gateways</source>
        <translation>网关</translation>
    </message>
    <message>
        <source>What comes in from the field, and what has gone wrong since each gateway was started.</source>
        <translation>现场数据的接入情况，以及各网关启动以来的异常。</translation>
    </message>
    <message>
        <source>Sensors and stations</source>
        <translation>传感器与测站</translation>
    </message>
    <message>
        <source>A device comes in when a value of it is connected with a sensor; it is heard within seconds.</source>
        <translation>设备的数值与传感器关联后即可接入，数秒内生效。</translation>
    </message>
    <message>
        <source>GPS terminals</source>
        <translation>车载终端</translation>
    </message>
    <message>
        <source>A terminal comes in when a truck has its number; what is decided here holds within seconds.</source>
        <translation>车辆登记了终端号，终端才能接入；此处的决定数秒内生效。</translation>
    </message>
    <message>
        <source>Tokens for HTTP</source>
        <translation>HTTP 令牌</translation>
    </message>
    <message>
        <source>Devices without MQTT bring their readings with a token, which is shown once and kept nowhere.</source>
        <translation>没有 MQTT 的设备凭令牌上报读数；令牌只显示一次，系统不保存原文。</translation>
    </message>
    <message>
        <source>Alarm rules</source>
        <translation>报警规则</translation>
    </message>
    <message>
        <source>The gateway judges by it within seconds. Alarms that no rule in force holds any more are over.</source>
        <translation>网关数秒内按新规则判断；不再符合启用规则的报警随即消除。</translation>
    </message>
    <message>
        <source>Distance from the approved route</source>
        <translation>偏离核准路线的距离</translation>
    </message>
    <message>
        <source>Way driven against the approved route</source>
        <translation>沿核准路线反向行驶的距离</translation>
    </message>
    <message>
        <source>Speed outside the permitted hours</source>
        <translation>准运时段以外的车速</translation>
    </message>
    <message>
        <source>Speed without a permit in force</source>
        <translation>无有效核准时的车速</translation>
    </message>
    <message>
        <source>Speed above the limit of the road or area</source>
        <translation>超出道路或区域限速的车速</translation>
    </message>
    <message>
        <source>Way into a forbidden area</source>
        <translation>驶入禁行区的深度</translation>
    </message>
    <message>
        <source>Distance from the approved dump site where it was emptied</source>
        <translation>卸空地点到核准消纳场的距离</translation>
    </message>
    <message>
        <source>Distance from the approved work site where it was loaded</source>
        <translation>装载地点到核准工地的距离</translation>
    </message>
    <message>
        <source>Speed with a load and an open lid</source>
        <translation>重车未密闭时的车速</translation>
    </message>
    <message>
        <source>Time that it stands loaded away from sites</source>
        <translation>重车在场地以外停留的时间</translation>
    </message>
    <message>
        <source>Time without a position</source>
        <translation>没有定位的时间</translation>
    </message>
    <message>
        <source>Speed that two positions would ask for</source>
        <translation>相邻定位推算的车速</translation>
    </message>
    <message>
        <source>Terminals that fell silent together</source>
        <translation>同时中断的终端数</translation>
    </message>
    <message>
        <source>Depth of the water</source>
        <translation>积水深度</translation>
    </message>
    <message>
        <source>Sum of the rain</source>
        <translation>累计雨量</translation>
    </message>
    <message>
        <source>Rise of the water</source>
        <translation>水位上涨幅度</translation>
    </message>
    <message>
        <source>Readings that did not come</source>
        <translation>缺报次数</translation>
    </message>
    <message>
        <source>Time without any change of the reading</source>
        <translation>读数不变的时间</translation>
    </message>
    <message>
        <source>Level that cannot be</source>
        <translation>超出量程的水位</translation>
    </message>
    <message>
        <source>Sensors that fell silent together</source>
        <translation>同时漏报的传感器数</translation>
    </message>
    <message>
        <source>{kind} · grade {n}</source>
        <translation>{kind} · {n} 级</translation>
    </message>
</context>
<context>
    <name>workspaces</name>
    <message>
        <source>Dispatch</source>
        <translation>调度</translation>
    </message>
    <message>
        <source>Drainage</source>
        <translation>排水</translation>
    </message>
    <message>
        <source>Trucks</source>
        <translation>渣土车</translation>
    </message>
    <message>
        <source>Flood</source>
        <translation>防汛</translation>
    </message>
    <message>
        <source>Supervision</source>
        <translation>统计</translation>
    </message>
    <message>
        <source>Alarm rules</source>
        <translation>报警规则</translation>
    </message>
    <message>
        <source>Audit</source>
        <translation>审计</translation>
    </message>
    <message>
        <source>Configuration</source>
        <translation>应用维护</translation>
    </message>
</context>
</TS>
